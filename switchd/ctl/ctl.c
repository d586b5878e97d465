/* SPDX-License-Identifier: ISC */
/* The control socket: at most 8 clients, at most 64 KiB a request, one JSON value after another. */
#include "ctl.h"
#include "switchd.h"
#include "log.h"
#include "loop.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_CLIENTS 8
#define MAX_REQUEST 65536
#define MAX_PENDING (4u << 20) /* bytes of answers a client may leave unread */

struct ctl {
	struct switchd *s;
	struct evconnlistener *listener;
	struct bufferevent *clients[MAX_CLIENTS];
	struct sockaddr_un sa;
};

static void
drop(struct ctl *c, struct bufferevent *b)
{
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (c->clients[i] == b)
			c->clients[i] = NULL;
	bufferevent_free(b);
}

bool
ctl_run(struct ctl_call *call, const char *method)
{
	for (unsigned i = 0; i < ctl_n_commands; i++) {
		const struct ctl_command *k = &ctl_commands[i];

		if (strcmp(k->name, method))
			continue;
		if (call->argc >= k->min && call->argc <= k->max) {
			const bool ok = k->run(call);

			if (ok && call->json && !*sbuf_str(&call->out))
				sbuf_puts(&call->out, "null");
			return ok;
		}
		sbuf_printf(&call->out, "\"%s\" takes%s%s", method, *k->usage ? ": " : " nothing", k->usage);
		return false;
	}
	sbuf_printf(&call->out,
	            "\"%.64s\" is not a valid command (use \"list-commands\" to see a list of valid commands)", method);
	return false;
}

/* False: not a request; the client is hopeless. */
static bool
serve(struct ctl *c, struct bufferevent *b, json_t *req)
{
	json_t *id = json_object_get(req, "id"), *params = json_object_get(req, "params"), *reply;
	const char *method = json_string_value(json_object_get(req, "method"));
	struct ctl_call call = {.s = c->s, .out = SBUF_INIT};
	bool ok = method != NULL && json_is_array(params) && json_array_size(params) <= 16;
	char *text;

	for (size_t i = 0; ok && i < json_array_size(params); i++) {
		const char *p = json_string_value(json_array_get(params, i));

		ok = p != NULL;
		if (p && i == 0 && !strcmp(p, "--json"))
			call.json = true;
		else if (p)
			call.argv[call.argc++] = p;
	}
	if (!ok)
		return false;
	ok = ctl_run(&call, method);
	if (!ok)
		sbuf_putc(&call.out, '\n'); /* as ovs-appctl expects */
	reply = json_pack("{s:O?, s:s?, s:s?}", "id", id, "result", ok ? sbuf_str(&call.out) : NULL, "error",
	                  ok ? NULL : sbuf_str(&call.out));
	text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
	if (text) {
		bufferevent_write(b, text, strlen(text));
		bufferevent_write(b, "\n", 1);
	}
	free(text);
	json_decref(reply);
	sbuf_fini(&call.out);
	return text != NULL && evbuffer_get_length(bufferevent_get_output(b)) < MAX_PENDING;
}

static void
on_read(struct bufferevent *b, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(b);

	loop_mark();
	for (;;) {
		const size_t len = evbuffer_get_length(in);
		const char *p = len ? (const char *)evbuffer_pullup(in, -1) : NULL;
		json_error_t e;
		json_t *req;
		bool ok;

		if (!p)
			return;
		if (strspn(p, " \t\r\n") >= len || p[0] == '\n') {
			evbuffer_drain(in, 1);
			continue;
		}
		req = json_loadb(p, len, JSON_DISABLE_EOF_CHECK, &e);
		if (!req && json_error_code(&e) == json_error_premature_end_of_input && len < MAX_REQUEST)
			return;
		ok = req && serve(arg, b, req);
		json_decref(req);
		if (!ok) {
			drop(arg, b);
			return;
		}
		evbuffer_drain(in, (size_t)e.position);
	}
}

static void
on_event(struct bufferevent *b, short what, void *arg)
{
	(void)what;
	drop(arg, b);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
	struct ctl *c = arg;
	size_t i = 0;

	loop_mark();
	(void)l;
	(void)sa;
	(void)len;
	while (i < MAX_CLIENTS && c->clients[i])
		i++;
	if (i < MAX_CLIENTS)
		c->clients[i] = bufferevent_socket_new(c->s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (i == MAX_CLIENTS || !c->clients[i]) {
		log_warn_rl(LOG_CTL, "more than %d clients: one turned away", MAX_CLIENTS);
		close(fd);
		return;
	}
	bufferevent_setcb(c->clients[i], on_read, NULL, on_event, c);
	bufferevent_setwatermark(c->clients[i], EV_READ, 0, MAX_REQUEST);
	bufferevent_enable(c->clients[i], EV_READ | EV_WRITE);
}

int
ctl_create(struct switchd *s, struct ctl **out, char *why)
{
	struct ctl *c = calloc(1, sizeof *c);

	if (!c)
		return -ENOMEM;
	c->s = s;
	c->sa.sun_family = AF_UNIX;
	snprintf(c->sa.sun_path, sizeof c->sa.sun_path, "%.90s/switchd.ctl", s->conf->rundir);
	unlink(c->sa.sun_path); /* ours to take: we hold the pid file's lock */
	c->listener = evconnlistener_new_bind(s->base, on_accept, c, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 8,
	                                      (struct sockaddr *)&c->sa, sizeof c->sa);
	if (!c->listener) {
		snprintf(why, CONF_WHY, "%s: %s", c->sa.sun_path, strerror(errno));
		free(c);
		return -EADDRINUSE;
	}
	*out = c;
	return 0;
}

void
ctl_destroy(struct ctl *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (c->clients[i])
			bufferevent_free(c->clients[i]);
	evconnlistener_free(c->listener);
	unlink(c->sa.sun_path);
	free(c);
}
