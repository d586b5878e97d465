/* SPDX-License-Identifier: ISC */
/* The configuration: command line, values, derived datapath ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"

static int
read_args(struct conf *c, char *const argv[], char *why)
{
	int n = 0;

	while (argv[n])
		n++;
	return conf_read_args(c, n, argv, why);
}

static void
the_command_line_fills_a_bridge(void **state)
{
	char *argv[] = {"x",          "--bridge",    "s12",    "--port", "3=e3", "--controller=tcp:[::1]:1",
	                "--no-local", "--fail-mode", "secure", NULL};
	struct conf *c = conf_create();
	char why[CONF_WHY];

	(void)state;
	assert_int_equal(read_args(c, argv, why), 0);
	assert_int_equal(c->bridges[0]->dpid, 12);
	assert_int_equal(c->bridges[0]->ports[0].number, 3);
	assert_int_equal(c->bridges[0]->local, 0);
	assert_int_equal(c->bridges[0]->fail_mode, 0);
	conf_destroy(c);
}

static void
wrong_values_are_refused(void **state)
{
	char *bad[][6] = {{"x", "--workers", "17"},
	                  {"x", "--port", "1=a"},
	                  {"x", "--bridge", "a/b"},
	                  {"x", "--nonsense"},
	                  {"x", "--bridge", "b", "--port", "0=a"},
	                  {"x", "--tables"}};
	char why[CONF_WHY];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct conf *c = conf_create();

		assert_int_not_equal(read_args(c, bad[i], why), 0);
		conf_destroy(c);
	}
}

static void
a_file_error_names_its_line(void **state)
{
	char path[] = "/tmp/test_conf.XXXXXX", why[CONF_WHY] = "", want[64];
	const int fd = mkstemp(path);
	struct conf *c = conf_create();

	(void)state;
	dprintf(fd, "workers = 1\nbridge s1 {\n\ttables = 300\n}\n");
	close(fd);
	snprintf(want, sizeof want, "%s:3: ", path);
	assert_int_not_equal(conf_read_file(c, path, why), 0);
	assert_memory_equal(why, want, strlen(want));
	unlink(path);
	conf_destroy(c);
}

static void
queues_are_read_with_their_rates(void **state)
{
	static const char *const bad[] = {"",
	                                  "p1",
	                                  "p1:",
	                                  "p1:x",
	                                  "p1:1:min=",
	                                  "p1:1:min=5",
	                                  "p1:1:5",
	                                  ":1",
	                                  "p1:4294967295",
	                                  "p1:all",
	                                  "p1:all:min=1mbit",
	                                  "p1:1:min=2mbit,max=1mbit",
	                                  "p1:1:min=1mbit,",
	                                  "p1:1:min=99999999999gbit"};
	struct conf_queue q;
	char why[CONF_WHY];

	(void)state;
	assert_int_equal(conf_queue_parse("p1:7:min=500kbit,max=2gbit", &q, why), 0);
	assert_string_equal(q.port, "p1");
	assert_int_equal(q.id, 7);
	assert_int_equal(q.min_kbps, 500);
	assert_int_equal(q.max_kbps, 2000000);
	assert_int_equal(conf_queue_parse("p1:0", &q, why), 0);
	assert_int_equal(conf_queue_parse("p1:all:max=10mbit", &q, why), 0);
	assert_true(q.all && q.max_kbps == 10000);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(conf_queue_parse(bad[i], &q, why), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(queues_are_read_with_their_rates), cmocka_unit_test(the_command_line_fills_a_bridge),
	    cmocka_unit_test(wrong_values_are_refused), cmocka_unit_test(a_file_error_names_its_line)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
