noinst_LIBRARIES += libofconn.a
libofconn_a_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS)
libofconn_a_SOURCES = ofproto/conn/bundle.h ofproto/conn/conn.c ofproto/conn/conn.h ofproto/conn/controller.c ofproto/conn/dispatch.c \
	ofproto/conn/work.c ofproto/conn/work.h \
	ofproto/conn/handle_bundle.c ofproto/conn/handle_experimenter.c ofproto/conn/handle_flow.c ofproto/conn/handle_group.c ofproto/conn/handle_meter.c ofproto/conn/handle_monitor.c ofproto/conn/monitor.h \
	ofproto/conn/handle_multipart.c ofproto/conn/handle_packet_out.c ofproto/conn/handle_port.c ofproto/conn/handle_queue.c \
	ofproto/conn/handle_role.c ofproto/conn/handle_switch.c ofproto/conn/handle_table.c ofproto/conn/handlers.h \
	ofproto/conn/listener.c ofproto/conn/mgmt.c ofproto/conn/multipart.h ofproto/conn/outq.c ofproto/conn/outq.h ofproto/conn/reply.c ofproto/conn/reply.h \
	ofproto/conn/snoop.c ofproto/conn/snoop.h ofproto/conn/target.c \
	ofproto/conn/tls.c ofproto/ofproto.c ofproto/ofproto.h

# A whole switch over the fake datapath, for unit tests and fuzz targets.
CONN_RIG_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(EVENT_CFLAGS) -I$(top_srcdir)/tests/fakes
CONN_RIG_SOURCES = tests/fakes/conn_rig.c tests/fakes/conn_rig.h tests/fakes/fake_datapath.c tests/fakes/fake_datapath.h
CONN_RIG_LDADD = libofconn.a libofpipeline.a liboftable.a libofwire.a libdpafp.a librf.a $(EVENT_LIBS) $(SSL_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_bundle tests/unit/test_conn tests/unit/test_conn_bounds tests/unit/test_conn_frames tests/unit/test_conn_order \
	tests/unit/test_conn_parts tests/unit/test_conn_roles tests/unit/test_monitor tests/unit/test_targets tests/unit/test_vacancy
TESTS += tests/unit/test_bundle tests/unit/test_conn tests/unit/test_conn_bounds tests/unit/test_conn_frames tests/unit/test_conn_order \
	tests/unit/test_conn_parts tests/unit/test_conn_roles tests/unit/test_monitor tests/unit/test_targets tests/unit/test_vacancy
CONN_CASE_SOURCES = tests/unit/conn_case.c tests/unit/conn_case.h $(CONN_RIG_SOURCES)
tests_unit_test_bundle_SOURCES = tests/unit/test_bundle.c $(CONN_CASE_SOURCES)
tests_unit_test_bundle_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_bundle_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_conn_SOURCES = tests/unit/test_conn.c $(CONN_CASE_SOURCES)
tests_unit_test_conn_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conn_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_conn_bounds_SOURCES = tests/unit/test_conn_bounds.c $(CONN_CASE_SOURCES)
tests_unit_test_conn_bounds_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conn_bounds_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_conn_frames_SOURCES = tests/unit/test_conn_frames.c $(CONN_CASE_SOURCES)
tests_unit_test_conn_frames_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conn_frames_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_conn_order_SOURCES = tests/unit/test_conn_order.c $(CONN_CASE_SOURCES)
tests_unit_test_conn_order_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conn_order_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_conn_parts_SOURCES = tests/unit/test_conn_parts.c $(CONN_CASE_SOURCES)
tests_unit_test_conn_parts_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conn_parts_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_conn_roles_SOURCES = tests/unit/test_conn_roles.c $(CONN_CASE_SOURCES)
tests_unit_test_conn_roles_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conn_roles_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_monitor_SOURCES = tests/unit/test_monitor.c $(CONN_RIG_SOURCES)
tests_unit_test_monitor_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_monitor_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_targets_SOURCES = tests/unit/test_targets.c $(CONN_CASE_SOURCES)
tests_unit_test_targets_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_targets_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
tests_unit_test_vacancy_SOURCES = tests/unit/test_vacancy.c $(CONN_RIG_SOURCES)
tests_unit_test_vacancy_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_vacancy_LDADD = $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
endif
