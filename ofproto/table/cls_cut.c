/* SPDX-License-Identifier: ISC */
/* Cuts: tables that tell rules apart by one byte of the key, whatever their masks leave of it.
 *
 * Many rules whose masks end at different bits (the prefixes around one address that an attacker's or a generator's rules name) have no mask in
 * common that divides them: as tables of masks they cost one probe each.  Here each is filed under the mask and value that it has
 * in one byte, and a packet's byte leads to those few that can take it. */
#include "cls_private.h"

#include <stdlib.h>

struct cls_cut *
cls_cut_create(uint8_t at, uint32_t key)
{
	struct cls_cut *cut = calloc(1, sizeof(*cut));

	if (cut) {
		cut->at = at;
		cut->key = key;
	}
	return cut;
}

/* Of the mask; of a free place if it is not there; CLS_CUT_MASKS: neither. */
static unsigned
place_of(const struct cls_cut *cut, uint8_t mask)
{
	unsigned unused = CLS_CUT_MASKS;

	for (unsigned i = 0; i < CLS_CUT_MASKS; i++) {
		if (!cut->rules[i])
			unused = i;
		else if (cut->mask[i] == mask)
			return i;
	}
	return unused;
}

bool
cls_cut_takes(const struct cls_cut *cut, const uint64_t *mask)
{
	return place_of(cut, cls_byte(mask, cut->at)) < CLS_CUT_MASKS;
}

bool
cls_cut_has(const struct cls_cut *cut, const uint64_t *mask)
{
	const unsigned i = place_of(cut, cls_byte(mask, cut->at));

	return i < CLS_CUT_MASKS && cut->rules[i];
}

/* Sets or clears the bit of every byte that (mask, value) takes. */
static void
mark(struct cls_cut *cut, unsigned i, uint8_t value, bool on)
{
	const unsigned open = 0xffu & ~(unsigned)cut->mask[i];
	const uint16_t bit = (uint16_t)(1u << i);
	unsigned rest = open;

	for (;;) {
		uint16_t *p = &cut->path[value | rest];

		*p = (uint16_t)(on ? *p | bit : *p & ~bit);
		if (!rest)
			break;
		rest = (rest - 1) & open;
	}
}

void
cls_cut_add(struct cls_cut *cut, const uint64_t *mask, const uint64_t *value, uint16_t priority)
{
	const unsigned i = place_of(cut, cls_byte(mask, cut->at));

	cut->mask[i] = cls_byte(mask, cut->at);
	if (!cut->rules[i]++ || cut->top[i] < priority)
		cut->top[i] = priority; /* not lowered when rules go: it is true for fewer as well */
	mark(cut, i, cls_byte(value, cut->at), true);
}

void
cls_cut_sub(struct cls_cut *cut, const uint64_t *mask, const uint64_t *value, bool last)
{
	const unsigned i = place_of(cut, cls_byte(mask, cut->at));

	if (last)
		mark(cut, i, cls_byte(value, cut->at), false);
	cut->rules[i]--;
}
