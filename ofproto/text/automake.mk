noinst_LIBRARIES += liboftext.a
liboftext_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
liboftext_a_SOURCES = ofproto/text/action_args.c ofproto/text/action_ctx.h ofproto/text/action_fields.c ofproto/text/action_fields.h ofproto/text/action_format.c \
	ofproto/text/action_parse.c ofproto/text/action_text.h ofproto/text/field_text.c ofproto/text/field_text.h \
	ofproto/text/flow_format.c ofproto/text/flow_parse.c ofproto/text/flow_text.h ofproto/text/loose.c \
	ofproto/text/group_format.c ofproto/text/group_parse.c ofproto/text/group_text.h ofproto/text/loose.h \
	ofproto/text/match_format.c ofproto/text/match_parse.c ofproto/text/match_text.h \
	ofproto/text/match_words.def ofproto/text/names.c ofproto/text/names.h ofproto/text/parse.c \
	ofproto/text/parse.h ofproto/text/print.c ofproto/text/print.h ofproto/text/print_async.c \
	ofproto/text/print_ctx.h ofproto/text/print_ext.c ofproto/text/print_frame.c ofproto/text/print_groups.c ofproto/text/print_request.c \
	ofproto/text/print_state.c ofproto/text/meter_text.c \
	ofproto/text/print_ports.c ofproto/text/print_table_desc.c ofproto/text/print_tables.c ofproto/text/token.c ofproto/text/token.h \
	ofproto/text/usable.c ofproto/text/usable.h ofproto/text/value_text.c ofproto/text/value_text.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_text tests/unit/test_text_flows
TESTS += tests/unit/test_text tests/unit/test_text_flows
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_LDADD = liboftext.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_text_flows_SOURCES = tests/unit/test_text_flows.c
tests_unit_test_text_flows_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_flows_LDADD = liboftext.a libofwire.a librf.a $(CMOCKA_LIBS)
endif
