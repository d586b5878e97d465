/* SPDX-License-Identifier: ISC */
/* The text of a target: tcp:HOST[:PORT], ssl:HOST[:PORT], ptcp:[PORT][:ADDR], pssl:[PORT][:ADDR], with options: ,aux=N (1 to 8 auxiliary
 * connections, of those that are dialled), ,verify-name (ssl: the certificate must be HOST's) and ,read-only. */
#include "conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
parse_number(const char *s, unsigned long min, unsigned long max, unsigned long *v)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	*v = strtoul(s, &end, 10);
	return !*end && *v >= min && *v <= max;
}

static bool
parse_port(const char *s, uint16_t *port)
{
	unsigned long v;

	if (!parse_number(s, 1, 65535, &v))
		return false;
	*port = (uint16_t)v;
	return true;
}

/* The options behind commas; cuts them off. */
static bool
parse_options(char *s, struct controller *ct)
{
	char *save = NULL, *comma = strchr(s, ',');
	unsigned long v;

	if (!comma)
		return true;
	*comma = '\0';
	for (char *o = strtok_r(comma + 1, ",", &save); o; o = strtok_r(NULL, ",", &save)) {
		if (!strcmp(o, "read-only"))
			ct->read_only = true;
		else if (!ct->passive && ct->tls && !strcmp(o, "verify-name"))
			ct->verify_name = true;
		else if (!ct->passive && !strncmp(o, "aux=", 4) && parse_number(o + 4, 0, CONTROLLER_MAX_AUX, &v))
			ct->n_aux = (unsigned)v;
		else
			return false;
	}
	return true;
}

/* HOST[:PORT] of an active target. */
static bool
parse_active(char *s, struct controller *ct)
{
	const char *end = s[0] == '[' ? strchr(s, ']') : strchr(s, ':');
	const char *host = s[0] == '[' ? s + 1 : s;
	size_t n;

	if (s[0] == '[' && !end)
		return false;
	n = end ? (size_t)(end - host) : strlen(host);
	if (n == 0 || n >= sizeof(ct->host))
		return false;
	memcpy(ct->host, host, n);
	ct->host[n] = '\0';
	if (end && *end == ']')
		end++;
	return !end || !*end || (*end == ':' && parse_port(end + 1, &ct->port));
}

/* [PORT][:ADDR] of a passive one; all addresses unless one is named. */
static bool
parse_passive(const char *s, struct controller *ct)
{
	const char *colon = strchr(s, ':');
	char num[8];
	size_t n = colon ? (size_t)(colon - s) : strlen(s);

	if (n >= sizeof(num))
		return false;
	memcpy(num, s, n);
	num[n] = '\0';
	if (n && !parse_port(num, &ct->port))
		return false;
	snprintf(ct->host, sizeof(ct->host), "%s", colon ? colon + 1 : "");
	n = strlen(ct->host);
	if (ct->host[0] == '[' && ct->host[n - 1] == ']') {
		memmove(ct->host, ct->host + 1, n - 2);
		ct->host[n - 2] = '\0';
	}
	return true;
}

bool
target_parse(const char *target, struct controller *ct)
{
	static const struct {
		const char *prefix;
		bool tls, passive;
	} kinds[] = {{"tcp:", false, false}, {"ssl:", true, false}, {"ptcp:", false, true}, {"pssl:", true, true}};
	char text[sizeof(ct->target)];

	ct->port = OFP_DEFAULT_PORT;
	if (strlen(target) >= sizeof(ct->target))
		return false;
	snprintf(ct->target, sizeof(ct->target), "%s", target);
	snprintf(text, sizeof(text), "%s", target);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const size_t n = strlen(kinds[i].prefix);

		if (strncmp(target, kinds[i].prefix, n))
			continue;
		ct->tls = kinds[i].tls;
		ct->passive = kinds[i].passive;
		if (!parse_options(text + n, ct))
			return false;
		return ct->passive ? parse_passive(text + n, ct) : parse_active(text + n, ct);
	}
	return false;
}

int
ofproto_target_check(const char *target, bool passive, bool tls, char *why, size_t size)
{
	struct controller ct = {0};

	if (!target_parse(target, &ct) || (passive && !ct.passive)) {
		snprintf(why, size, "'%s' is none of %sptcp:[PORT][:ADDR], pssl:[PORT][:ADDR] (with ,read-only%s)",
		         target, passive ? "" : "tcp:HOST[:PORT], ssl:HOST[:PORT], ",
		         passive ? "" : ", ,aux=N up to 8, ssl: ,verify-name");
		return -EINVAL;
	}
	if (!ct.tls || tls)
		return 0;
	snprintf(why, size, "'%s' needs private-key, certificate and ca-cert", target);
	return -EINVAL;
}
