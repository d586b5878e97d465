/* SPDX-License-Identifier: ISC */
/* What the kernel may answer when queues are set up, without a kernel: libnl's calls are replaced at link time (--wrap). */
#include "queue.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/class.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define N_CLASSES 4 /* the root's, two queues, all other frames */

static int qdisc_answer, class_answer[N_CLASSES];
static unsigned n_qdiscs, n_classes, n_deleted;
static bool is_htb;
static char why[256];
static const struct dp_queue queues[] = {{.id = 1, .min_kbps = 1000}, {.id = 2}};

int __wrap_nl_connect(struct nl_sock *nl, int protocol);
int __wrap_rtnl_qdisc_add(struct nl_sock *nl, struct rtnl_qdisc *q, int flags);
int __wrap_rtnl_qdisc_delete(struct nl_sock *nl, struct rtnl_qdisc *q);
int __wrap_rtnl_class_add(struct nl_sock *nl, struct rtnl_class *c, int flags);

int
__wrap_nl_connect(struct nl_sock *nl, int protocol)
{
	(void)nl;
	(void)protocol;
	return 0;
}

int
__wrap_rtnl_qdisc_add(struct nl_sock *nl, struct rtnl_qdisc *q, int flags)
{
	(void)nl;
	(void)flags;
	is_htb = !strcmp(rtnl_tc_get_kind(TC_CAST(q)), "htb");
	n_qdiscs++;
	return qdisc_answer;
}

int
__wrap_rtnl_qdisc_delete(struct nl_sock *nl, struct rtnl_qdisc *q)
{
	(void)nl;
	(void)q;
	n_deleted++;
	return 0;
}

int
__wrap_rtnl_class_add(struct nl_sock *nl, struct rtnl_class *c, int flags)
{
	(void)nl;
	(void)c;
	(void)flags;
	assert_true(n_classes < N_CLASSES);
	return class_answer[n_classes++];
}

static int
setup(void **state)
{
	(void)state;
	qdisc_answer = 0;
	memset(class_answer, 0, sizeof(class_answer));
	n_qdiscs = n_classes = n_deleted = 0;
	is_htb = false;
	why[0] = '\0';
	return 0;
}

static int
install(void)
{
	return htb_install("p2", 7, queues, 2, 10000, why, sizeof(why));
}

static void
all_goes_well(void **state)
{
	(void)state;
	assert_int_equal(install(), 0);
	assert_true(is_htb);
	assert_int_equal(n_qdiscs, 1);
	assert_int_equal(n_classes, N_CLASSES);
	assert_int_equal(n_deleted, 1); /* what a crash may have left, before */
	assert_string_equal(why, "");
}

/* A kernel without sch_htb says ENOENT to a discipline that it does not know, an old one EOPNOTSUPP. */
static void
a_kernel_without_htb_is_named(void **state)
{
	static const int answers[] = {-NLE_OBJ_NOTFOUND, -NLE_OPNOTSUPP};

	for (unsigned i = 0; i < 2; i++) {
		setup(state);
		qdisc_answer = answers[i];
		assert_int_equal(install(), -EOPNOTSUPP);
		assert_string_equal(why,
		                    "p2: queues need the HTB scheduler (sch_htb), which this kernel does not have");
		assert_int_equal(n_classes, 0);
	}
}

static void
other_refusals_say_what_the_kernel_said(void **state)
{
	(void)state;
	qdisc_answer = -NLE_PERM;
	assert_int_equal(install(), -EOPNOTSUPP);
	assert_non_null(strstr(why, "p2: the HTB scheduler can't be set up: "));
	assert_non_null(strstr(why, nl_geterror(-NLE_PERM)));
}

static void
a_refused_class_leaves_nothing(void **state)
{
	for (unsigned i = 0; i < N_CLASSES; i++) {
		setup(state);
		class_answer[i] = -NLE_INVAL;
		assert_int_equal(install(), -EOPNOTSUPP);
		assert_non_null(strstr(why, "p2: the kernel refused a queue: "));
		assert_int_equal(n_classes, i + 1);
		assert_int_equal(n_deleted, 2); /* before, and the root that was made */
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(all_goes_well, setup),
	    cmocka_unit_test_setup(a_kernel_without_htb_is_named, setup),
	    cmocka_unit_test_setup(other_refusals_say_what_the_kernel_said, setup),
	    cmocka_unit_test_setup(a_refused_class_leaves_nothing, setup),
	};

	return cmocka_run_group_tests_name("htb", tests, NULL, NULL);
}
