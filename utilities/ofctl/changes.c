/* SPDX-License-Identifier: ISC */
/* Changes of flows and groups.
 *
 * A file is read to its end before anything is sent: what cannot be read changes nothing.  Then all is sent without waiting and one
 * barrier ends it; an error is tied to its line by its transaction id. */
#include "changes.h"

#include "bundle.h"

struct reading {
	struct batch *batch;
	change_fn *change;
	int command;
};

static bool
read_line(struct ofctl *o, void *aux, const char *text, const char *where, unsigned line)
{
	const struct reading *r = aux;

	return r->change(o, r->batch, text, r->command, where, line);
}

bool
changes_read(struct ofctl *o, struct batch *b, const char *file, int command, change_fn *change)
{
	struct reading r = {b, change, command};

	b->file = file;
	return each_line(o, file, read_line, &r);
}

int
changes_make(struct ofctl *o, const char *target, const char *text, int command, bool is_file, const char *names,
             change_fn *change)
{
	struct batch b = BATCH_INIT;
	int ret = 1;

	is_file |= !strcmp(text, "-");
	if (connect_to(o, target)) {
		learn_names(o, names);
		if (is_file ? changes_read(o, &b, text, command, change) : change(o, &b, text, command, "", 0))
			ret = o->bundle ? bundle_send(o, &b) : batch_send(o, &b);
	}
	batch_fini(&b);
	return ret;
}
