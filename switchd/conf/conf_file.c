/* SPDX-License-Identifier: ISC */
/* The configuration file, read with libconfuse.  All values are strings to it: the rows of schema.def check them, as they
 * come, so that an error names its line. */
#include "conf.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTS 128

static char file_error[CONF_WHY]; /* libconfuse's callbacks carry no pointer of ours; control thread only */

static void __attribute__((format(printf, 2, 0))) on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	const int n = file_error[0]
	                  ? -1
	                  : snprintf(file_error, sizeof file_error,
	                             "%s:%d: ", cfg && cfg->filename ? cfg->filename : "", cfg ? cfg->line : 0);

	if (n >= 0 && (size_t)n < sizeof file_error)
		vsnprintf(file_error + n, sizeof file_error - (size_t)n, fmt, ap);
}

static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct conf_row *row = conf_find(cfg_opt_name(opt));
	char why[CONF_WHY] = "";

	for (unsigned i = 0; row && i < cfg_opt_size(opt); i++) {
		if (conf_check_value(row, cfg_opt_getnstr(opt, i), why)) {
			cfg_error(cfg, "%s", why);
			return -1;
		}
	}
	return 0;
}

/* The rows of 'scope' as options of libconfuse, appended to the 'n' that are there. */
static size_t
add_rows(cfg_opt_t *opts, size_t n, enum conf_scope scope)
{
	for (size_t i = 0; i < conf_n_rows && n < MAX_OPTS - 3; i++) {
		cfg_opt_t list = CFG_STR_LIST(conf_rows[i].key, NULL, CFGF_NODEFAULT);
		cfg_opt_t one = CFG_STR(conf_rows[i].key, NULL, CFGF_NODEFAULT);

		if (conf_rows[i].scope != scope)
			continue;
		opts[n] = conf_rows[i].type == CONF_LIST || conf_rows[i].type == CONF_QUEUE ? list : one;
		opts[n++].validcb = on_value;
	}
	return n;
}

static int
take_rows(struct conf *c, struct conf_bridge *b, enum conf_scope scope, cfg_t *sec, char *why)
{
	for (size_t i = 0; i < conf_n_rows; i++) {
		if (conf_rows[i].scope != scope)
			continue;
		for (unsigned j = 0; j < cfg_size(sec, conf_rows[i].key); j++) {
			const char *text = cfg_getnstr(sec, conf_rows[i].key, j);

			if (text && conf_set(c, b, &conf_rows[i], text, why))
				return -EINVAL;
		}
	}
	return 0;
}

static int
take_bridge(struct conf *c, cfg_t *sec, char *why)
{
	struct conf_bridge *b = conf_bridge_get(c, cfg_title(sec), why);

	if (!b || take_rows(c, b, CONF_BRIDGE, sec, why))
		return -EINVAL;
	for (unsigned i = 0; i < cfg_size(sec, "port"); i++) {
		cfg_t *port = cfg_getnsec(sec, "port", i);
		const char *number = cfg_getstr(port, "number");
		char text[64];

		snprintf(text, sizeof text, "%.20s%s%.40s", number ? number : "", number ? "=" : "", cfg_title(port));
		if (conf_port_add(b, text, why) || take_rows(c, b, CONF_PORT, port, why))
			return -EINVAL;
	}
	return 0;
}

static int
take_all(struct conf *c, cfg_t *cfg, char *why)
{
	if (take_rows(c, NULL, CONF_GLOBAL, cfg, why) || take_rows(c, NULL, CONF_BRIDGE, cfg, why))
		return -EINVAL;
	for (unsigned i = 0; i < cfg_size(cfg, "bridge"); i++) {
		cfg_t *sec = cfg_getnsec(cfg, "bridge", i);
		char text[CONF_WHY / 2] = "";

		if (take_bridge(c, sec, why)) {
			snprintf(text, sizeof text, "%.*s", (int)sizeof text - 1, why);
			snprintf(why, CONF_WHY, "%.200s:%d: bridge %.20s: %s", cfg->filename, sec->line, cfg_title(sec),
			         text);
			return -EINVAL;
		}
	}
	return 0;
}

int
conf_read_file(struct conf *c, const char *path, char *why)
{
	cfg_opt_t port_opts[MAX_OPTS] = {CFG_STR("number", NULL, CFGF_NODEFAULT)}, bridge_opts[MAX_OPTS],
	          opts[MAX_OPTS];
	const cfg_opt_t end = CFG_END();
	size_t n;
	cfg_t *cfg;
	int rc;

	port_opts[add_rows(port_opts, 1, CONF_PORT)] = end;
	n = add_rows(bridge_opts, 0, CONF_BRIDGE);
	bridge_opts[n++] = (cfg_opt_t)CFG_SEC("port", port_opts, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	bridge_opts[n] = end;
	n = add_rows(opts, add_rows(opts, 0, CONF_GLOBAL), CONF_BRIDGE);
	opts[n++] = (cfg_opt_t)CFG_SEC("bridge", bridge_opts, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	opts[n] = end;
	cfg = cfg_init(opts, CFGF_NONE);
	if (!cfg)
		return -ENOMEM;
	file_error[0] = '\0';
	cfg_set_error_function(cfg, on_error);
	rc = cfg_parse(cfg, path);
	if (rc == CFG_FILE_ERROR)
		snprintf(why, CONF_WHY, "%.300s: %s", path, strerror(errno));
	else if (rc != CFG_SUCCESS)
		snprintf(why, CONF_WHY, "%s", file_error[0] ? file_error : "the file can't be read");
	else
		rc = take_all(c, cfg, why) ? CFG_PARSE_ERROR : CFG_SUCCESS;
	cfg_free(cfg);
	return rc == CFG_SUCCESS ? 0 : -EINVAL;
}
