/* SPDX-License-Identifier: ISC */
/* Notes in the form of a log: time, running number, module, level, text. */
#include "note.h"

#include "usable.h"

#include <time.h>

#define MAX_NOTES 10 /* a file full of the same mistake is told of once */

static void
log_line(const char *module, const char *text, int len)
{
	static unsigned number;
	char when[32];
	const time_t now = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	fprintf(stderr, "%s|%05u|%s|INFO|%.*s\n", when, ++number, module, len, text);
}

void
note_ignored(const char *text)
{
	static unsigned told;
	const size_t first = strcspn(text, "\n");
	char line[4096];

	if (told++ >= MAX_NOTES)
		return;
	fflush(stdout);
	log_line("ofp_match", "normalization changed ofp_match, details:", 1000);
	snprintf(line, sizeof(line), " pre: %.*s", (int)first, text);
	log_line("ofp_match", line, (int)sizeof(line));
	snprintf(line, sizeof(line), "post: %s", text[first] ? text + first + 1 : "");
	log_line("ofp_match", line, (int)sizeof(line));
}

bool
formats_allow(const struct ofctl *o, uint32_t usable, struct sbuf *err)
{
	(void)o;
	if (usable & USABLE_OF13)
		return true;
	sbuf_puts(err, "none of the usable flow formats (");
	usable_format(err, usable);
	sbuf_puts(err, ") is among the allowed flow formats (OXM-OpenFlow13)");
	return false;
}
