noinst_LIBRARIES += liboftable.a
liboftable_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
liboftable_a_SOURCES = ofproto/table/classifier.c ofproto/table/classifier.h ofproto/table/cls_cut.c ofproto/table/cls_hash.c ofproto/table/cls_mask.c \
	ofproto/table/cls_matrix.c ofproto/table/cls_node.c ofproto/table/cls_private.h ofproto/table/prio_map.c ofproto/table/prio_map.h \
	ofproto/table/evict.c ofproto/table/evict.h ofproto/table/expiry.c ofproto/table/flow_mod.c \
	ofproto/table/flow_table.c ofproto/table/flow_table.h ofproto/table/group_chain.c ofproto/table/group_live.c \
	ofproto/table/group_mod.c ofproto/table/groups.c ofproto/table/groups.h ofproto/table/groups_private.h \
	ofproto/table/meter_mod.c ofproto/table/meters.c ofproto/table/meters.h ofproto/table/meters_private.h \
	ofproto/table/rule.c ofproto/table/rule.h ofproto/table/shape.c ofproto/table/shape.h ofproto/table/shape_check.c \
	ofproto/table/sweep.c ofproto/table/sweep.h ofproto/table/sweep_private.h \
	ofproto/table/table_desc.c ofproto/table/table_desc.h \
	ofproto/table/tables.c ofproto/table/tables.h ofproto/table/txn.c ofproto/table/txn.h ofproto/table/txn_private.h \
	ofproto/table/uses.c ofproto/table/uses.h ofproto/table/wheel.c ofproto/table/wheel.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_classifier tests/unit/test_classifier_sets tests/unit/test_groups tests/unit/test_meters tests/unit/test_shape tests/unit/test_tables tests/unit/test_txn \
	tests/unit/test_classifier_attack tests/unit/test_cls_matrix tests/unit/test_evict tests/unit/test_flow_mod_memory tests/unit/test_sweep tests/unit/test_wheel
TESTS += tests/unit/test_classifier tests/unit/test_classifier_sets tests/unit/test_groups tests/unit/test_meters tests/unit/test_shape tests/unit/test_tables tests/unit/test_txn \
	tests/unit/test_classifier_attack tests/unit/test_cls_matrix tests/unit/test_evict tests/unit/test_flow_mod_memory tests/unit/test_sweep tests/unit/test_wheel
tests_unit_test_classifier_sets_SOURCES = tests/unit/test_classifier_sets.c tests/bench/ruleset.c tests/bench/ruleset.h tests/bench/search.c \
	tests/bench/search.h
tests_unit_test_classifier_sets_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/tests/bench $(CMOCKA_CFLAGS)
tests_unit_test_classifier_sets_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_classifier_attack_SOURCES = tests/unit/test_classifier_attack.c tests/bench/ruleset.c tests/bench/ruleset.h tests/bench/search.c \
	tests/bench/search.h
tests_unit_test_classifier_attack_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/tests/bench $(CMOCKA_CFLAGS)
# Everything that the classifier allocates comes from memory that the test can make read-only.
tests_unit_test_classifier_attack_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
tests_unit_test_classifier_attack_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_cls_matrix_SOURCES = tests/unit/test_cls_matrix.c tests/bench/ruleset.c tests/bench/ruleset.h
tests_unit_test_cls_matrix_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/tests/bench $(CMOCKA_CFLAGS)
tests_unit_test_cls_matrix_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_cls_matrix_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_classifier_SOURCES = tests/unit/test_classifier.c
tests_unit_test_classifier_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_classifier_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_evict_SOURCES = tests/unit/test_evict.c
tests_unit_test_evict_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_evict_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_flow_mod_memory_SOURCES = tests/unit/test_flow_mod_memory.c
tests_unit_test_flow_mod_memory_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_flow_mod_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_flow_mod_memory_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_tables_SOURCES = tests/unit/test_tables.c
tests_unit_test_tables_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tables_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_shape_SOURCES = tests/unit/test_shape.c
tests_unit_test_shape_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_shape_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_groups_SOURCES = tests/unit/test_groups.c
tests_unit_test_groups_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_groups_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_meters_SOURCES = tests/unit/test_meters.c
tests_unit_test_meters_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_meters_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_sweep_SOURCES = tests/unit/test_sweep.c
tests_unit_test_sweep_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sweep_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_wheel_SOURCES = tests/unit/test_wheel.c
tests_unit_test_wheel_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_wheel_LDADD = liboftable.a librf.a $(CMOCKA_LIBS)
tests_unit_test_txn_SOURCES = tests/unit/test_txn.c
tests_unit_test_txn_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_txn_LDADD = liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
endif
