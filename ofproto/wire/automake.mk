noinst_LIBRARIES += libofwire.a
libofwire_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofwire_a_SOURCES = ofproto/wire/actions.c ofproto/wire/actions.h ofproto/wire/insts.c ofproto/wire/messages.h \
	ofproto/wire/msg_async.c ofproto/wire/msg_basic.c ofproto/wire/msg_state.c ofproto/wire/multipart.c \
	ofproto/wire/of_error.c ofproto/wire/of_error.h ofproto/wire/oxm.c ofproto/wire/oxm.h ofproto/wire/table_features.c
