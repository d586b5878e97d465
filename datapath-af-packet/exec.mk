libdpafp_a_SOURCES += datapath-af-packet/exec.c datapath-af-packet/exec.h datapath-af-packet/exec_group.c \
	datapath-af-packet/exec_meter.c datapath-af-packet/act.h \
	datapath-af-packet/act_field.c datapath-af-packet/act_l2.c datapath-af-packet/act_ttl.c \
	datapath-af-packet/arena.c datapath-af-packet/arena.h datapath-af-packet/changes.c datapath-af-packet/changes.h \
	datapath-af-packet/checksum.c datapath-af-packet/checksum.h \
	datapath-af-packet/frag.c datapath-af-packet/frag.h datapath-af-packet/refrag.c \
	datapath-af-packet/flow_key.c datapath-af-packet/flow_key_v6.c datapath-af-packet/flow_key_parse.h \
	datapath-af-packet/microflow.c datapath-af-packet/microflow.h datapath-af-packet/segment.c
noinst_HEADERS += tests/unit/frames.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_flow_key tests/unit/test_exec tests/unit/test_microflow tests/unit/test_changes tests/unit/test_exec_group tests/unit/test_checksum tests/unit/test_segment tests/unit/test_frag
TESTS += tests/unit/test_flow_key tests/unit/test_exec tests/unit/test_microflow tests/unit/test_changes tests/unit/test_exec_group tests/unit/test_checksum tests/unit/test_segment tests/unit/test_frag
tests_unit_test_flow_key_SOURCES = tests/unit/test_flow_key.c
tests_unit_test_flow_key_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_flow_key_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_exec_SOURCES = tests/unit/test_exec.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_unit_test_exec_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
tests_unit_test_exec_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_exec_group_SOURCES = tests/unit/test_exec_group.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_unit_test_exec_group_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
tests_unit_test_exec_group_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_checksum_SOURCES = tests/unit/test_checksum.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_unit_test_checksum_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
tests_unit_test_checksum_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_frag_SOURCES = tests/unit/test_frag.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_unit_test_frag_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
tests_unit_test_frag_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_segment_SOURCES = tests/unit/test_segment.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_unit_test_segment_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
tests_unit_test_segment_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_microflow_SOURCES = tests/unit/test_microflow.c
tests_unit_test_microflow_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet $(CMOCKA_CFLAGS)
tests_unit_test_microflow_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
tests_unit_test_changes_SOURCES = tests/unit/test_changes.c
tests_unit_test_changes_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet $(CMOCKA_CFLAGS)
tests_unit_test_changes_LDADD = libofpipeline.a liboftable.a libofwire.a libdpafp.a librf.a $(CMOCKA_LIBS)
endif
