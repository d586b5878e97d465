/* SPDX-License-Identifier: ISC */
/* Prints eviction and vacancy events (EXT-192): table-mod, table-desc and table-status. */
#include "print_ctx.h"

#include "extensions.h"
#include "names.h"

static void
put_eviction_flags(struct sbuf *b, uint32_t flags)
{
	static const char *const names[] = {"OTHER", "IMPORTANCE", "LIFETIME"};
	bool first = true;

	sbuf_puts(b, " eviction_flags=");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(flags & 1u << i))
			continue;
		sbuf_printf(b, "%s%s", first ? "" : "|", names[i]);
		first = false;
	}
	if (flags & ~OFPTMPEF_ALL)
		sbuf_printf(b, "%s0x%x", first ? "" : "|", (unsigned)(flags & ~OFPTMPEF_ALL));
	else if (first)
		sbuf_puts(b, "(none)");
}

static void
put_desc(struct sbuf *b, const struct table_desc *d, const struct port_names *names)
{
	sbuf_puts(b, "\n  table ");
	table_format(b, d->table_id, names);
	sbuf_printf(b, ":\n   eviction=%s", d->config & OFPTC_EVICTION ? "on" : "off");
	if (d->has_eviction)
		put_eviction_flags(b, d->eviction_flags);
	sbuf_printf(b, "\n   vacancy=%s", d->config & OFPTC_VACANCY_EVENTS ? "on" : "off");
	if (d->has_vacancy)
		sbuf_printf(b, " vacancy_down=%u%% vacancy_up=%u%% vacancy=%u%%", d->vacancy_down, d->vacancy_up,
		            d->vacancy);
	sbuf_putc(b, '\n');
}

enum of_error
print_table_desc(struct print_ctx *c)
{
	struct table_desc d;
	enum of_error error = OF_OK;

	while (!error && wire_left(&c->body)) {
		error = table_desc_decode(&c->body, &d);
		if (!error)
			put_desc(c->b, &d, c->names);
	}
	return error;
}

enum of_error
print_table_status(struct print_ctx *c)
{
	struct table_status s;
	const enum of_error error = table_status_decode(&c->body, &s);

	if (error)
		return error;
	if (s.reason == OFPTR_VACANCY_DOWN || s.reason == OFPTR_VACANCY_UP)
		sbuf_printf(c->b, " reason=%s", s.reason == OFPTR_VACANCY_DOWN ? "VACANCY_DOWN" : "VACANCY_UP");
	else
		sbuf_printf(c->b, " reason=%u", s.reason);
	sbuf_puts(c->b, "\ntable_desc:-");
	put_desc(c->b, &s.desc, c->names);
	return OF_OK;
}

enum of_error
print_onf_table_mod(struct print_ctx *c)
{
	struct table_desc d;
	const enum of_error error = onf_table_mod_decode(&c->body, &d);

	if (error)
		return error;
	if (d.table_id == OFPTT_ALL) {
		sbuf_puts(c->b, " table_id: ALL_TABLES");
	} else {
		sbuf_puts(c->b, " table_id=");
		table_format(c->b, d.table_id, c->names);
	}
	sbuf_printf(c->b, ", eviction=%s", d.config & OFPTC_EVICTION ? "on" : "off");
	if (d.has_eviction)
		put_eviction_flags(c->b, d.eviction_flags);
	sbuf_printf(c->b, ", vacancy=%s", d.config & OFPTC_VACANCY_EVENTS ? "on" : "off");
	if (d.has_vacancy)
		sbuf_printf(c->b, " vacancy:%u,%u", d.vacancy_down, d.vacancy_up);
	sbuf_putc(c->b, '\n');
	return OF_OK;
}
