noinst_LIBRARIES += liboftable.a
liboftable_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
liboftable_a_SOURCES = ofproto/table/classifier.c ofproto/table/classifier.h ofproto/table/expiry.c ofproto/table/flow_mod.c \
	ofproto/table/flow_table.c ofproto/table/flow_table.h ofproto/table/rule.c ofproto/table/rule.h ofproto/table/tables.c \
	ofproto/table/tables.h
