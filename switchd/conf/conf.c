/* SPDX-License-Identifier: ISC */
/* Values of the configuration: checked, set and freed by the rows of schema.def. */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OFFSET_GLOBAL(member) offsetof(struct conf, member)
#define OFFSET_BRIDGE(member) offsetof(struct conf_bridge, member)
#define OFFSET_PORT(member) offsetof(struct conf_port, member)

const struct conf_row conf_rows[] = {
#define CONF(scope, key, type, min, max, dflt, unit, member, sentence)                                                 \
	{CONF_##scope, key, CONF_##type, min, max, dflt, unit, OFFSET_##scope(member), sentence},
#include "schema.def"
#undef CONF
};
const size_t conf_n_rows = sizeof conf_rows / sizeof conf_rows[0];

const struct conf_row *
conf_find(const char *key)
{
	for (size_t i = 0; i < conf_n_rows; i++)
		if (!strcmp(conf_rows[i].key, key))
			return &conf_rows[i];
	return NULL;
}

static bool
parse_bool(const char *s, uint64_t *v)
{
	static const char *const yes[] = {"yes", "on", "true", "1"}, *const no[] = {"no", "off", "false", "0"};

	for (size_t i = 0; i < 4; i++) {
		if (!strcasecmp(s, yes[i]) || !strcasecmp(s, no[i])) {
			*v = !strcasecmp(s, yes[i]);
			return true;
		}
	}
	return false;
}

static bool
parse_number(const char *s, int base, uint64_t *v)
{
	char *end;

	if (!isxdigit((unsigned char)*s))
		return false;
	errno = 0;
	*v = strtoull(s, &end, base);
	return !*end && !errno;
}

/* "a|b|c": which of them 's' is; false if none. */
static bool
parse_word(const char *words, const char *s, uint64_t *v)
{
	const size_t len = strlen(s);
	size_t n;

	for (*v = 0;; words += n + 1, ++*v) {
		n = strcspn(words, "|");
		if (n == len && !strncmp(words, s, n))
			return true;
		if (!words[n])
			return false;
	}
}

static int
wrong(const struct conf_row *row, const char *s, const char *what, char *why)
{
	snprintf(why, CONF_WHY, "%s: \"%.40s\" is not %s", row->key, s, what);
	return -EINVAL;
}

static int
parse_value(const struct conf_row *row, const char *s, uint64_t *v, char *why)
{
	char what[128];

	switch (row->type) {
	case CONF_UINT:
		if (parse_number(s, 10, v) && *v >= row->min && *v <= row->max)
			return 0;
		snprintf(what, sizeof what, "a number from %" PRIu64 " to %" PRIu64, row->min, row->max);
		return wrong(row, s, what, why);
	case CONF_BOOL:
		return parse_bool(s, v) ? 0 : wrong(row, s, "yes or no", why);
	case CONF_WORD:
		snprintf(what, sizeof what, "one of %s", row->unit);
		return parse_word(row->unit, s, v) ? 0 : wrong(row, s, what, why);
	case CONF_DPID:
		if (strlen(s) <= row->max && parse_number(s, 16, v) && *v)
			return 0;
		return wrong(row, s, "a datapath id of 1 to 16 hexadecimal digits, not all 0", why);
	case CONF_QUEUE:
		return conf_queue_parse(s, &(struct conf_queue){0}, why);
	case CONF_TEXT:
	case CONF_LIST:
		break;
	}
	if (strlen(s) >= row->min && strlen(s) <= row->max)
		return 0;
	snprintf(why, CONF_WHY, "%s: between %" PRIu64 " and %" PRIu64 " characters are needed", row->key, row->min,
	         row->max);
	return -EINVAL;
}

int
conf_check_value(const struct conf_row *row, const char *text, char *why)
{
	uint64_t v = 0;

	return parse_value(row, text, &v, why);
}

static int
list_add(struct conf_list *l, const char *s, char *why)
{
	char **v;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return 0;
	v = l->n < CONF_MAX_LIST ? realloc(l->v, (l->n + 1) * sizeof *v) : NULL;
	if (v)
		l->v = v;
	if (!v || !(v[l->n] = strdup(s))) {
		snprintf(why, CONF_WHY, "too many values");
		return -ENOMEM;
	}
	l->n++;
	return 0;
}

/* The struct that a row's member is in. */
static void *
base_of(struct conf *c, struct conf_bridge *b, enum conf_scope scope)
{
	switch (scope) {
	case CONF_GLOBAL:
		return c;
	case CONF_BRIDGE:
		return b ? b : &c->defaults;
	case CONF_PORT:
		break;
	}
	return &b->ports[b->n_ports - 1];
}

int
conf_set(struct conf *c, struct conf_bridge *b, const struct conf_row *row, const char *text, char *why)
{
	void *member = (char *)base_of(c, b, row->scope) + row->offset;
	uint64_t v = 0;
	char *copy;
	int rc = parse_value(row, text, &v, why);

	if (rc)
		return rc;
	if (row->type == CONF_LIST || row->type == CONF_QUEUE)
		return list_add(member, text, why);
	if (row->type != CONF_TEXT) {
		memcpy(member, &v, sizeof v);
		return 0;
	}
	copy = strdup(text);
	if (!copy) {
		snprintf(why, CONF_WHY, "out of memory");
		return -ENOMEM;
	}
	free(*(char **)member);
	*(char **)member = copy;
	return 0;
}

bool
conf_same(const struct conf_row *row, const void *a, const void *b)
{
	const void *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;
	const struct conf_list *l = x, *m = y;
	const char *s = *(const char *const *)x, *t = *(const char *const *)y;

	if (row->type == CONF_TEXT)
		return s && t ? !strcmp(s, t) : s == t;
	if (row->type != CONF_LIST && row->type != CONF_QUEUE)
		return !memcmp(x, y, sizeof(uint64_t));
	for (size_t i = 0; l->n == m->n && i < l->n; i++)
		if (strcmp(l->v[i], m->v[i]))
			return false;
	return l->n == m->n;
}

/* What 'from' owns, made anew for its copy 'to'. */
static int
values_dup(void *to, const void *from, enum conf_scope scope, char *why)
{
	int rc = 0;

	for (size_t i = 0; i < conf_n_rows; i++) {
		void *member = (char *)to + conf_rows[i].offset;
		const struct conf_list *old = (const void *)((const char *)from + conf_rows[i].offset);
		char *text = *(char **)member;

		if (conf_rows[i].scope != scope)
			continue;
		if (conf_rows[i].type == CONF_TEXT && text && !(*(char **)member = strdup(text)))
			rc = -ENOMEM;
		if (conf_rows[i].type != CONF_LIST && conf_rows[i].type != CONF_QUEUE)
			continue;
		*(struct conf_list *)member = (struct conf_list){NULL, 0};
		for (size_t j = 0; j < old->n; j++)
			if (list_add(member, old->v[j], why))
				rc = -ENOMEM;
	}
	if (rc)
		snprintf(why, CONF_WHY, "out of memory");
	return rc;
}

static void
values_free(void *base, enum conf_scope scope)
{
	for (size_t i = 0; i < conf_n_rows; i++) {
		void *member = (char *)base + conf_rows[i].offset;
		struct conf_list *l = member;

		if (conf_rows[i].scope != scope)
			continue;
		if (conf_rows[i].type == CONF_TEXT)
			free(*(char **)member);
		if (conf_rows[i].type != CONF_LIST && conf_rows[i].type != CONF_QUEUE)
			continue;
		for (size_t j = 0; j < l->n; j++)
			free(l->v[j]);
		free(l->v);
	}
}

struct conf *
conf_create(void)
{
	struct conf *c = calloc(1, sizeof *c);
	char why[CONF_WHY];

	for (size_t i = 0; c && i < conf_n_rows; i++)
		if (conf_rows[i].dflt && conf_rows[i].scope != CONF_PORT)
			(void)conf_set(c, NULL, &conf_rows[i], conf_rows[i].dflt, why);
	return c;
}

void
conf_destroy(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_bridges; i++) {
		for (size_t j = 0; j < c->bridges[i]->n_ports; j++)
			values_free(&c->bridges[i]->ports[j], CONF_PORT);
		values_free(c->bridges[i], CONF_BRIDGE);
		free(c->bridges[i]->ports);
		free(c->bridges[i]);
	}
	values_free(&c->defaults, CONF_BRIDGE);
	values_free(c, CONF_GLOBAL);
	free(c->config_file);
	free(c);
}

static bool
name_ok(const char *name, char *why)
{
	const size_t n = strlen(name);
	bool ok = n > 0 && n < 16 && strcmp(name, ".") && strcmp(name, "..");

	for (size_t i = 0; ok && i < n; i++)
		ok = isgraph((unsigned char)name[i]) && name[i] != '/' && name[i] != ':';
	if (!ok)
		snprintf(why, CONF_WHY, "\"%.40s\" can't be the name of an interface", name);
	return ok;
}

struct conf_bridge *
conf_bridge_find(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_bridges; i++)
		if (!strcmp(c->bridges[i]->name, name))
			return c->bridges[i];
	return NULL;
}

struct conf_bridge *
conf_bridge_get(struct conf *c, const char *name, char *why)
{
	struct conf_bridge *b;
	int rc;

	if (!name_ok(name, why))
		return NULL;
	b = conf_bridge_find(c, name);
	if (b)
		return b;
	b = c->n_bridges < CONF_MAX_BRIDGES ? malloc(sizeof *b) : NULL;
	if (!b) {
		snprintf(why, CONF_WHY, "more than %d bridges", CONF_MAX_BRIDGES);
		return NULL;
	}
	*b = c->defaults;
	memset(b->name, 0, sizeof b->name);
	memcpy(b->name, name, strlen(name));
	rc = values_dup(b, &c->defaults, CONF_BRIDGE, why);
	c->bridges[c->n_bridges++] = b; /* freed with the rest, also when it is not whole */
	return rc ? NULL : b;
}

int
conf_port_add(struct conf_bridge *b, const char *text, char *why)
{
	const char *eq = strchr(text, '='), *name = eq ? eq + 1 : text;
	char digits[12] = "";
	uint64_t number = 0;
	struct conf_port *ports;

	if (eq && eq - text < (ptrdiff_t)sizeof digits)
		memcpy(digits, text, (size_t)(eq - text));
	if (eq && (!parse_number(digits, 10, &number) || !number || number >= 0xffffff00u)) {
		snprintf(why, CONF_WHY, "port: \"%.40s\" is not NUMBER=NAME with a number from 1 to 4294967039", text);
		return -EINVAL;
	}
	if (!name_ok(name, why))
		return -EINVAL;
	ports = b->n_ports < 4096 ? realloc(b->ports, (b->n_ports + 1) * sizeof *ports) : NULL;
	if (!ports) {
		snprintf(why, CONF_WHY, "too many ports");
		return -ENOMEM;
	}
	b->ports = ports;
	memset(&ports[b->n_ports], 0, sizeof *ports);
	memcpy(ports[b->n_ports].name, name, strlen(name));
	ports[b->n_ports++].number = (uint32_t)number;
	for (size_t i = 0; i < conf_n_rows; i++)
		if (conf_rows[i].scope == CONF_PORT && conf_rows[i].dflt &&
		    conf_set(NULL, b, &conf_rows[i], conf_rows[i].dflt, why))
			return -EINVAL;
	return 0;
}

uint64_t
conf_dpid_from_name(const char *name)
{
	const size_t skip = strcspn(name, "0123456789");
	uint64_t v = strtoull(name + skip, NULL, 10), h = UINT64_C(0xcbf29ce484222325);

	if (v)
		return v; /* as Mininet does: s12 is 000000000000000c */
	for (const char *p = name; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	return (h & UINT64_C(0x00000fffffffffff)) | UINT64_C(0x0000020000000000);
}

static int
check_ports(const struct conf *c, const struct conf_bridge *b, char *why)
{
	for (size_t i = 0; i < b->n_ports; i++) {
		for (size_t k = 0; k < c->n_bridges; k++) {
			const struct conf_bridge *o = c->bridges[k];

			for (size_t j = 0; j < o->n_ports; j++) {
				const bool self = o == b && i == j;

				if (!self && !strcmp(o->ports[j].name, b->ports[i].name)) {
					snprintf(why, CONF_WHY, "port %s is named twice", b->ports[i].name);
					return -EINVAL;
				}
				if (!self && o == b && b->ports[i].number && o->ports[j].number == b->ports[i].number) {
					snprintf(why, CONF_WHY, "bridge %s: two ports have number %u", b->name,
					         b->ports[i].number);
					return -EINVAL;
				}
			}
		}
	}
	return 0;
}

int
conf_finish(struct conf *c, char *why)
{
	for (size_t i = 0; i < c->n_bridges; i++) {
		struct conf_bridge *b = c->bridges[i];

		if (!b->dpid)
			b->dpid = conf_dpid_from_name(b->name);
		for (size_t j = 0; j < i; j++) {
			if (c->bridges[j]->dpid == b->dpid) {
				snprintf(why, CONF_WHY, "bridges %s and %s have the same datapath id",
				         c->bridges[j]->name, b->name);
				return -EINVAL;
			}
		}
		if (check_ports(c, b, why))
			return -EINVAL;
	}
	return 0;
}
