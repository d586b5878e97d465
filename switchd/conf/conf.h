/* SPDX-License-Identifier: ISC */
/* The daemon's configuration as plain data: what the command line and the file say together.
 *
 * Rows of schema.def drive all of it.  Nothing here touches the system but for reading the file. */
#ifndef SWITCHD_CONF_H
#define SWITCHD_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbuf;

#define CONF_MAX_BRIDGES 64
#define CONF_MAX_LIST 1024
#define CONF_WHY 512

enum conf_scope { CONF_GLOBAL, CONF_BRIDGE, CONF_PORT };
/* In memory: LIST and QUEUE a conf_list, TEXT a char * (NULL: not given), all others a uint64_t; WORD the index of its word. */
enum conf_type { CONF_UINT, CONF_BOOL, CONF_TEXT, CONF_LIST, CONF_DPID, CONF_WORD, CONF_QUEUE };

struct conf_list {
	char **v;
	size_t n;
};

struct conf_port {
	char name[16];
	uint32_t number; /* 0: the lowest free one */
	uint64_t visible;
};

struct conf_bridge {
	char name[16];
	uint64_t dpid, fail_mode, fail_delay, probe_interval, max_backoff, tables, local, force, forward_bpdu, mac_aging;
	uint64_t mac_table_size;
	char *private_key, *certificate, *ca_cert, *ciphers;
	struct conf_list controllers, listeners, queues;
	struct conf_port *ports;
	size_t n_ports;
};

struct conf {
	char *rundir, *pidfile;
	uint64_t workers, ring_memory, ebpf, steering, express_load, sandbox;
	struct conf_list log;
	struct conf_bridge defaults; /* bridge options given outside any bridge */
	struct conf_bridge *bridges[CONF_MAX_BRIDGES];
	size_t n_bridges;
	char *config_file; /* --config */
	bool check, help, version;
};

/* One value of 'queue'. */
struct conf_queue {
	char port[16];               /* name of the interface */
	bool all;                    /* max_kbps is for all queues of the port together */
	uint64_t id;
	uint64_t min_kbps, max_kbps; /* 0 = not given */
};

struct conf_row {
	enum conf_scope scope;
	const char *key;
	enum conf_type type;
	uint64_t min, max;
	const char *dflt, *unit; /* unit: WORD|WORD... of a WORD */
	size_t offset;
	const char *sentence;
};
extern const struct conf_row conf_rows[];
extern const size_t conf_n_rows;

struct conf *conf_create(void);
void conf_destroy(struct conf *);
const struct conf_row *conf_find(const char *key);
/* All of these return 0 or -EINVAL (-ENOMEM, -errno) with a sentence in 'why' (CONF_WHY bytes). */
/* 'b' NULL: the default of all bridges.  A row of PORT goes to the bridge's last port (there must be one). */
int conf_set(struct conf *, struct conf_bridge *b, const struct conf_row *, const char *text, char *why);
int conf_check_value(const struct conf_row *, const char *text, char *why);
/* The bridge of that name, made with the defaults when it is new; NULL with 'why'. */
struct conf_bridge *conf_bridge_get(struct conf *, const char *name, char *why);
/* NULL: no bridge of that name. */
struct conf_bridge *conf_bridge_find(const struct conf *, const char *name);
/* text: "NUMBER=NAME" or "NAME". */
/* text: "PORT:ID[:min=RATE][,max=RATE]" or "PORT:all:max=RATE". */
int conf_queue_parse(const char *text, struct conf_queue *, char *why);
int conf_port_add(struct conf_bridge *, const char *text, char *why);
/* What only the whole can tell: doubles between ports and bridges.  Derives missing datapath ids. */
int conf_finish(struct conf *, char *why);
/* Reads the file into 'c'; 'why' says FILE:LINE. */
int conf_read_file(struct conf *, const char *path, char *why);
/* The command line, --config's file first. */
int conf_read_args(struct conf *, int argc, char *const argv[], char *why);
void conf_help(struct sbuf *);
/* Whether the two have the same value there; bases: the struct of the row's scope. */
bool conf_same(const struct conf_row *, const void *a, const void *b);
uint64_t conf_dpid_from_name(const char *name);

#endif
