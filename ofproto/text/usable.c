/* SPDX-License-Identifier: ISC */
/* Names of sets of flow formats: whole families first, then single formats, each once. */
#include "usable.h"

#include <stddef.h>

static const struct {
	uint32_t bits;
	const char *name;
} names[] = {
    {USABLE_ANY, "any"},
    {USABLE_OF10 | USABLE_OF10_TID, "OpenFlow10"},
    {USABLE_NXM_ANY, "NXM"},
    {USABLE_OF12_UP, "OXM"},
    {USABLE_OF10, "OpenFlow10-table_id"},
    {USABLE_OF10_TID, "OpenFlow10+table_id"},
    {USABLE_NXM, "NXM-table_id"},
    {USABLE_NXM_TID, "NXM+table_id"},
    {USABLE_OF11, "OpenFlow11"},
    {USABLE_OF12, "OXM-OpenFlow12"},
    {USABLE_OF13, "OXM-OpenFlow13"},
    {USABLE_OF14, "OXM-OpenFlow14"},
    {USABLE_OF15, "OXM-OpenFlow15"},
};

void
usable_format(struct sbuf *b, uint32_t usable)
{
	if (!usable)
		sbuf_puts(b, "none");
	for (size_t i = 0; usable && i < sizeof(names) / sizeof(names[0]); i++) {
		if ((usable & names[i].bits) != names[i].bits)
			continue;
		sbuf_puts(b, names[i].name);
		usable &= ~names[i].bits;
		if (usable)
			sbuf_putc(b, ',');
	}
}
