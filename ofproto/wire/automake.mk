noinst_LIBRARIES += libofwire.a
libofwire_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofwire_a_SOURCES = ofproto/wire/actions.c ofproto/wire/actions.h ofproto/wire/extensions.h ofproto/wire/insts.c \
	ofproto/wire/messages.h ofproto/wire/msg_bundle.c ofproto/wire/msg_monitor.c ofproto/wire/msg_table_desc.c \
	ofproto/wire/msg_async.c ofproto/wire/msg_basic.c ofproto/wire/msg_group.c ofproto/wire/msg_meter.c \
	ofproto/wire/msg_queue.c ofproto/wire/msg_state.c ofproto/wire/msg_types.def ofproto/wire/multipart.c ofproto/wire/multipart_types.def \
	ofproto/wire/of_error.c ofproto/wire/of_error.h ofproto/wire/oxm.c ofproto/wire/oxm.h ofproto/wire/table_features.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_wire tests/unit/test_wire_group tests/unit/test_wire_ext
TESTS += tests/unit/test_wire tests/unit/test_wire_group tests/unit/test_wire_ext
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c
tests_unit_test_wire_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_wire_LDADD = libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_wire_group_SOURCES = tests/unit/test_wire_group.c
tests_unit_test_wire_group_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_wire_group_LDADD = libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_wire_ext_SOURCES = tests/unit/test_wire_ext.c
tests_unit_test_wire_ext_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_wire_ext_LDADD = libofwire.a librf.a $(CMOCKA_LIBS)
endif
