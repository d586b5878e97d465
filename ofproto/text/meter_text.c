/* SPDX-License-Identifier: ISC */
/* Meters (7.3.4.4) as text, both ways: flags in any order, then bands to the end of the line, each beginning with its type. */
#include "group_text.h"

#include "token.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	uint16_t flag;
} flag_words[] = {
    {"kbps", OFPMF_KBPS},
    {"pktps", OFPMF_PKTPS},
    {"burst", OFPMF_BURST},
    {"stats", OFPMF_STATS},
};
#define N_FLAGS (sizeof(flag_words) / sizeof(flag_words[0]))

static const struct {
	const char *name;
	uint32_t id;
} id_names[] = {{"controller", OFPM_CONTROLLER}, {"slowpath", OFPM_SLOWPATH}, {"all", OFPM_ALL}};

static const char *const band_names[] = {[OFPMBT_DROP] = "drop", [OFPMBT_DSCP_REMARK] = "dscp_remark"};
static const char *const words[] = {"meter",      "bands",      "type", "rate",
                                    "burst_size", "prec_level", "drop", "dscp_remark"};

const char *
meter_word(size_t n)
{
	const size_t n_words = sizeof(words) / sizeof(words[0]);

	return n < n_words ? words[n] : n - n_words < N_FLAGS ? flag_words[n - n_words].name : NULL;
}

struct meter_parser {
	struct parse_state p;
	struct meter_mod *mm;
	bool has_id;
};

/* ---- bands ---- */

struct band_seen {
	bool any, rate, burst;
};

static bool
end_band(struct meter_parser *m, const struct band_seen *seen)
{
	if (!seen->any)
		return true;
	if ((m->mm->flags & OFPMF_BURST) && !seen->burst) {
		sbuf_puts(m->p.err, "band must have 'burst_size' when 'burst' flag is set");
		return false;
	}
	if (!seen->rate) {
		sbuf_puts(m->p.err, "band must have 'rate'");
		return false;
	}
	return true;
}

static bool
begin_band(struct meter_parser *m, const char *value)
{
	struct ofp_meter_band *grown = realloc(m->mm->bands, (m->mm->n_bands + 1) * sizeof(*grown));

	if (!grown) {
		sbuf_puts(m->p.err, "out of memory");
		return false;
	}
	m->mm->bands = grown;
	memset(&grown[m->mm->n_bands], 0, sizeof(*grown));
	for (uint16_t i = OFPMBT_DROP; i <= OFPMBT_DSCP_REMARK; i++)
		if (!strcmp(value, band_names[i])) {
			grown[m->mm->n_bands++].type = i;
			return true;
		}
	sbuf_printf(m->p.err, "field type unknown value %s", value);
	return false;
}

static bool
read_band_key(struct meter_parser *m, const struct token *t, struct band_seen *seen)
{
	struct ofp_meter_band *band = m->mm->n_bands ? &m->mm->bands[m->mm->n_bands - 1] : NULL;
	uint64_t v;

	if (!strcmp(t->key, "type")) {
		if (!end_band(m, seen))
			return false;
		*seen = (struct band_seen){.any = true};
		return begin_band(m, t->value);
	}
	if (!band) {
		sbuf_puts(m->p.err, "band must start with the 'type' keyword");
		return false;
	}
	if (!strcmp(t->key, "prec_level")) {
		if (!parse_named_arg(&m->p, t->value, "prec_level", 255, &v))
			return false;
		band->prec_level = (uint8_t)v;
		return true;
	}
	if (!strcmp(t->key, "rate")) {
		seen->rate = true;
		return parse_u32_arg(&m->p, t->value, &band->rate);
	}
	if (!strcmp(t->key, "burst_size")) {
		seen->burst = true;
		return parse_u32_arg(&m->p, t->value, &band->burst_size);
	}
	sbuf_printf(m->p.err, "unknown keyword %s", t->key);
	m->p.vocabulary = meter_word;
	return false;
}

static bool
read_bands(struct meter_parser *m, char *text)
{
	struct band_seen seen = {false, false, false};
	struct token t;

	while (token_next(&text, &t)) {
		m->p.at = t.key;
		if (!read_band_key(m, &t, &seen))
			return false;
	}
	if (!m->mm->n_bands) {
		sbuf_puts(m->p.err, "meter must have bands");
		return false;
	}
	return end_band(m, &seen);
}

/* ---- keys ---- */

static bool
read_id(struct meter_parser *m, const char *value)
{
	m->has_id = true;
	for (size_t i = 0; i < sizeof(id_names) / sizeof(id_names[0]); i++)
		if (!strcasecmp(value, id_names[i].name)) {
			m->mm->meter_id = id_names[i].id;
			return true;
		}
	if (!parse_u32_arg(&m->p, value, &m->mm->meter_id))
		return false;
	if (m->mm->meter_id && m->mm->meter_id <= OFPM_MAX)
		return true;
	sbuf_puts(m->p.err, "invalid value for meter");
	return false;
}

static bool
read_key(struct meter_parser *m, const struct token *t, bool flags)
{
	for (size_t i = 0; flags && i < N_FLAGS; i++)
		if (!strcmp(t->key, flag_words[i].name)) {
			m->mm->flags |= flag_words[i].flag;
			return true;
		}
	if (!flags && !*t->value) {
		sbuf_printf(m->p.err, "field %s missing value", t->key);
		return false;
	}
	if (!strcmp(t->key, "meter"))
		return read_id(m, t->value);
	sbuf_printf(m->p.err, "unknown keyword %s", t->key);
	m->p.vocabulary = meter_word;
	return false;
}

static bool
read_keys(struct meter_parser *m, char *text, bool flags)
{
	struct token t;

	while (token_next(&text, &t)) {
		m->p.at = t.key;
		if (!read_key(m, &t, flags))
			return false;
	}
	return true;
}

/* Cuts the bands off: what follows the '=' of the first "band". */
static char *
take_bands(char *line)
{
	char *word = strstr(line, "band"), *equals = word ? strchr(word, '=') : NULL;

	if (!equals)
		return NULL;
	*word = '\0';
	return equals + 1;
}

static bool
parse_line(struct meter_parser *m, char *line, uint16_t command)
{
	char *bands;

	if (command == OFPMC_DELETE) {
		m->mm->meter_id = OFPM_ALL;
		return read_keys(m, line, false);
	}
	bands = take_bands(line);
	if (!bands) {
		sbuf_puts(m->p.err, "must specify bands");
		return false;
	}
	if (!read_keys(m, line, true))
		return false;
	if (!m->has_id) {
		sbuf_puts(m->p.err, "must specify 'meter'");
		return false;
	}
	if (!(m->mm->flags & (OFPMF_KBPS | OFPMF_PKTPS))) {
		sbuf_puts(m->p.err, "meter must specify either 'kbps' or 'pktps'");
		return false;
	}
	return read_bands(m, bands);
}

bool
meter_parse_mod(const char *line, uint16_t command, struct meter_mod *mm, struct sbuf *err)
{
	struct meter_parser m = {.p = parse_begin(NULL, err), .mm = mm};
	char *copy = parse_copy(line, err);
	bool ok;

	memset(mm, 0, sizeof(*mm));
	mm->command = command;
	if (!copy)
		return false;
	ok = parse_line(&m, copy, command);
	if (!ok)
		parse_point(&m.p, line, m.p.at ? (size_t)(m.p.at - copy) : SIZE_MAX);
	free(copy);
	return ok;
}

bool
meter_parse_id(const char *text, uint32_t *meter_id, struct sbuf *err)
{
	struct meter_mod mm;
	bool ok = meter_parse_mod(text, OFPMC_DELETE, &mm, err);

	*meter_id = mm.meter_id;
	meter_mod_fini(&mm);
	return ok;
}

/* ---- out ---- */

void
meter_format_id(struct sbuf *b, char separator, uint32_t meter_id)
{
	sbuf_printf(b, "meter%c", separator);
	for (size_t i = 0; i < sizeof(id_names) / sizeof(id_names[0]); i++)
		if (id_names[i].id == meter_id) {
			sbuf_puts(b, id_names[i].name);
			return;
		}
	sbuf_printf(b, "%" PRIu32, meter_id);
}

void
meter_format_config(struct sbuf *b, const struct meter_mod *mm)
{
	meter_format_id(b, '=', mm->meter_id);
	for (size_t i = 0; i < N_FLAGS; i++)
		if (mm->flags & flag_words[i].flag)
			sbuf_printf(b, " %s", flag_words[i].name);
	if (mm->flags & (uint16_t) ~(OFPMF_KBPS | OFPMF_PKTPS | OFPMF_BURST | OFPMF_STATS))
		sbuf_printf(b, " flags:0x%x",
		            mm->flags & (unsigned)~(OFPMF_KBPS | OFPMF_PKTPS | OFPMF_BURST | OFPMF_STATS));
	sbuf_puts(b, " bands=\n");
	for (size_t i = 0; i < mm->n_bands; i++) {
		const struct ofp_meter_band *k = &mm->bands[i];

		if (k->type == OFPMBT_DROP || k->type == OFPMBT_DSCP_REMARK)
			sbuf_printf(b, "type=%s", band_names[k->type]);
		else
			sbuf_printf(b, "type=%u", k->type);
		sbuf_printf(b, " rate=%" PRIu32, k->rate);
		if (mm->flags & OFPMF_BURST)
			sbuf_printf(b, " burst_size=%" PRIu32, k->burst_size);
		if (k->type == OFPMBT_DSCP_REMARK)
			sbuf_printf(b, " prec_level=%u", k->prec_level);
		sbuf_putc(b, '\n');
	}
}
