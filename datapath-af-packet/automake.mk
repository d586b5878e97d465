noinst_LIBRARIES += libdpafp.a
libdpafp_a_CPPFLAGS = $(AM_CPPFLAGS) $(NL_CFLAGS) $(EVENT_CFLAGS) -I$(top_srcdir)/datapath-af-packet
libdpafp_a_SOURCES = \
	datapath-af-packet/backlog.c \
	datapath-af-packet/bridge.c \
	datapath-af-packet/dp.c \
	datapath-af-packet/dp_private.h \
	datapath-af-packet/ethtool.c \
	datapath-af-packet/keep.c \
	datapath-af-packet/helpers.c \
	datapath-af-packet/htb.c \
	datapath-af-packet/lane.c \
	datapath-af-packet/lane_choice.c \
	datapath-af-packet/lane_choice.h \
	datapath-af-packet/netdev.c \
	datapath-af-packet/port.c \
	datapath-af-packet/queue.c \
	datapath-af-packet/queue.h \
	datapath-af-packet/ring.c \
	datapath-af-packet/rx.c \
	datapath-af-packet/stats.c \
	datapath-af-packet/steer.c \
	datapath-af-packet/tap.c \
	datapath-af-packet/tx.c \
	datapath-af-packet/upcall.c \
	datapath-af-packet/worker.c
include datapath-af-packet/exec.mk
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_backlog tests/unit/test_htb tests/unit/test_lane tests/unit/test_lane_choice
TESTS += tests/unit/test_backlog tests/unit/test_htb tests/unit/test_lane tests/unit/test_lane_choice
tests_unit_test_backlog_SOURCES = tests/unit/test_backlog.c
tests_unit_test_backlog_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet $(CMOCKA_CFLAGS)
tests_unit_test_backlog_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_htb_SOURCES = tests/unit/test_htb.c
tests_unit_test_htb_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet $(NL_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_htb_LDFLAGS = -Wl,--wrap=nl_connect,--wrap=rtnl_qdisc_add,--wrap=rtnl_qdisc_delete,--wrap=rtnl_class_add
tests_unit_test_htb_LDADD = libdpafp.a librf.a $(NL_LIBS) $(CMOCKA_LIBS)
tests_unit_test_lane_SOURCES = tests/unit/test_lane.c
tests_unit_test_lane_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet $(CMOCKA_CFLAGS)
tests_unit_test_lane_LDADD = libdpafp.a librf.a $(EVENT_LIBS) $(NL_LIBS) $(CMOCKA_LIBS)
tests_unit_test_lane_choice_SOURCES = tests/unit/test_lane_choice.c
tests_unit_test_lane_choice_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet $(CMOCKA_CFLAGS)
tests_unit_test_lane_choice_LDADD = libdpafp.a $(CMOCKA_LIBS)
endif
