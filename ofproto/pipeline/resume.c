/* SPDX-License-Identifier: ISC */
/* The bytes of a REPARSE: a head (table, metadata), then the action set as action records by type and field.
 *
 * The same state always gives the same bytes, for the datapath compares them when it looks for a cached program. */
#include "action_set.h"

#include <string.h>

static bool
append(struct resume_buf *b, size_t *len, const struct ofp_act *a)
{
	if (!a)
		return true;
	if (a->len > sizeof(b->data) - *len)
		return false;
	memcpy(b->data + *len, a, a->len);
	*len += a->len;
	return true;
}

size_t
resume_encode(const struct resume *r, struct resume_buf *b)
{
	size_t len = RESUME_HEAD;
	bool ok = true;

	memset(b->data, 0, RESUME_HEAD);
	b->data[0] = r->table_id;
	memcpy(b->data + 8, &r->metadata, 8);
	for (unsigned t = 0; t < ACTION_SET_TYPES; t++)
		ok = ok && append(b, &len, r->set.by_type[t]);
	for (unsigned f = 0; f < OXM_N_FIELDS; f++)
		ok = ok && append(b, &len, r->set.set_field[f]);
	return ok ? len : 0;
}

bool
resume_decode(struct resume *r, struct resume_buf *b, const uint8_t *data, size_t len)
{
	struct ofp_acts acts = {b->data + RESUME_HEAD, 0};

	if (len < RESUME_HEAD || len > sizeof(b->data) || len % 8)
		return false;
	memcpy(b->data, data, len);
	r->table_id = b->data[0];
	memcpy(&r->metadata, b->data + 8, 8);
	action_set_clear(&r->set);
	for (size_t at = RESUME_HEAD; at < len; at += acts.len) {
		const struct ofp_act *a = (const struct ofp_act *)(const void *)(b->data + at);

		if (a->len < sizeof(*a) || a->len % 8 || a->len > len - at)
			return false;
		acts = (struct ofp_acts){b->data + at, a->len};
		action_set_write(&r->set, &acts);
	}
	return true;
}
