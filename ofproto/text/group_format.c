/* SPDX-License-Identifier: ISC */
/* Writes groups in the manner of ovs-ofctl. */
#include "group_text.h"

#include "action_text.h"

#include <inttypes.h>

static void
bucket_format(struct sbuf *b, const struct ofp_bucket *k, unsigned type, const struct port_names *names)
{
	sbuf_puts(b, "bucket=");
	if (k->weight != (type == OFPGT_SELECT ? 1 : 0))
		sbuf_printf(b, "weight:%u,", k->weight);
	if (k->watch_port != OFPP_ANY) {
		sbuf_puts(b, "watch_port:");
		port_format(b, k->watch_port, names);
		sbuf_putc(b, ',');
	}
	if (k->watch_group != OFPG_ANY)
		sbuf_printf(b, "watch_group:%" PRIu32 ",", k->watch_group);
	sbuf_puts(b, "actions=");
	if (k->acts.len)
		actions_format(b, k->acts, names);
	else
		sbuf_puts(b, "drop");
	sbuf_putc(b, ',');
}

void
group_format_desc(struct sbuf *b, const struct group_mod *gm, const struct port_names *names)
{
	sbuf_printf(b, "group_id=%" PRIu32, gm->group_id);
	if (group_type_name(gm->type))
		sbuf_printf(b, ",type=%s,", group_type_name(gm->type));
	else
		sbuf_printf(b, ",type=%u,", gm->type);
	for (size_t i = 0; i < gm->n_buckets; i++)
		bucket_format(b, &gm->buckets[i], gm->type, names);
	sbuf_chomp(b, ',');
}

void
group_format_mod(struct sbuf *b, const struct group_mod *gm, const struct port_names *names)
{
	static const char *const commands[] = {[OFPGC_ADD] = "ADD", [OFPGC_MODIFY] = "MOD", [OFPGC_DELETE] = "DEL"};

	if (gm->command < sizeof(commands) / sizeof(commands[0]))
		sbuf_printf(b, " %s ", commands[gm->command]);
	else if (gm->command == GROUP_ADD_OR_MOD)
		sbuf_puts(b, " ADD_OR_MOD ");
	else
		sbuf_printf(b, " cmd:%u ", gm->command);
	group_format_desc(b, gm, names);
}
