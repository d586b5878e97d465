/* SPDX-License-Identifier: ISC */
/* Queues in the configuration: PORT:ID[:min=RATE][,max=RATE], and PORT:all:max=RATE for what they have together. */
#include "conf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "10mbit" in kbit/s; 0 when it is none. */
static uint64_t
rate(const char *s, size_t n)
{
	static const struct {
		const char *unit;
		uint64_t kbit;
	} units[] = {{"kbit", 1}, {"mbit", 1000}, {"gbit", 1000000}};
	char text[24] = "", *end;
	uint64_t v;

	if (n == 0 || n >= sizeof text || s[0] < '0' || s[0] > '9')
		return 0;
	memcpy(text, s, n);
	v = strtoull(text, &end, 10);
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(end, units[i].unit) && v <= 1000000000 / units[i].kbit)
			return v * units[i].kbit;
	return 0;
}

static bool
rates(struct conf_queue *q, const char *s)
{
	while (*s) {
		const size_t n = strcspn(s, ",");
		uint64_t *member = !strncmp(s, "min=", 4) ? &q->min_kbps : !strncmp(s, "max=", 4) ? &q->max_kbps : NULL;

		if (!member || *member || !(*member = rate(s + 4, n - 4)))
			return false;
		s += n;
		if (*s == ',' && !*++s)
			return false;
	}
	return true;
}

int
conf_queue_parse(const char *text, struct conf_queue *q, char *why)
{
	const size_t port = strcspn(text, ":");
	const char *id = text + port + (text[port] == ':');
	char *end = NULL;

	memset(q, 0, sizeof *q);
	if (port > 0 && port < sizeof q->port && *id) {
		memcpy(q->port, text, port);
		q->all = !strncmp(id, "all", 3);
		if (q->all)
			end = (char *)(uintptr_t)(id + 3);
		else if (*id >= '0' && *id <= '9')
			q->id = strtoull(id, &end, 10);
	}
	if (!end || (*end && *end != ':') || q->id >= UINT32_MAX || !rates(q, *end ? end + 1 : end) ||
	    (q->all && (q->min_kbps || !q->max_kbps))) {
		snprintf(why, CONF_WHY,
		         "queue: \"%.60s\" is not PORT:ID[:min=RATE][,max=RATE] or PORT:all:max=RATE, with rates such "
		         "as 500kbit, 10mbit, "
		         "1gbit",
		         text);
		return -EINVAL;
	}
	if (q->max_kbps && q->min_kbps > q->max_kbps) {
		snprintf(why, CONF_WHY, "queue: \"%.60s\": the minimum is above the maximum", text);
		return -EINVAL;
	}
	return 0;
}
