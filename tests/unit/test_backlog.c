/* SPDX-License-Identifier: ISC */
/* The length of a processor's queue, as read from a softnet_stat; a file stands in for it. */
#include "dp_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/ringflow-backlog-XXXXXX";

/* Lines as Linux writes them, of 'columns' columns; only processors for which online says so. */
static int
stat_file(unsigned cpus, unsigned columns, bool (*online)(unsigned))
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		if (!online(cpu))
			continue;
		for (unsigned c = 0; c < columns; c++) {
			const unsigned value = c == 11 ? cpu * 3 : c == 12 ? cpu : 0xffffffff;

			fprintf(f, "%08x%s", value, c + 1 < columns ? " " : "\n");
		}
	}
	fclose(f);
	return backlog_open(path);
}

static bool
all(unsigned cpu)
{
	(void)cpu;
	return true;
}

static bool
odd(unsigned cpu)
{
	return cpu % 2;
}

static void
each_processor_has_its_line(void **state)
{
	(void)state;
	for (unsigned columns = 13; columns <= 15; columns++) {
		const int fd = stat_file(200, columns, all);

		assert_true(fd >= 0);
		for (int cpu = 0; cpu < 200; cpu++)
			assert_int_equal(backlog_length(fd, cpu), cpu * 3);
		assert_int_equal(backlog_length(fd, 200), 0);
		close(fd);
	}
}

static void
a_processor_that_is_off_has_none(void **state)
{
	const int fd = stat_file(8, 15, odd);

	(void)state;
	assert_int_equal(backlog_length(fd, 5), 15);
	assert_int_equal(backlog_length(fd, 7), 21);
	assert_int_equal(backlog_length(fd, 4), 0);
	close(fd);
}

static void
an_old_kernel_does_not_tell(void **state)
{
	const int fd = stat_file(4, 11, all);

	(void)state;
	assert_int_equal(backlog_length(fd, 2), 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_processor_has_its_line),
	    cmocka_unit_test(a_processor_that_is_off_has_none),
	    cmocka_unit_test(an_old_kernel_does_not_tell),
	};
	int rc;

	close(mkstemp(path));
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
