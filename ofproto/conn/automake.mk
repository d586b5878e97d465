noinst_LIBRARIES += libofconn.a
libofconn_a_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS)
libofconn_a_SOURCES = ofproto/conn/conn.c ofproto/conn/conn.h ofproto/conn/controller.c ofproto/conn/dispatch.c \
	ofproto/conn/handle_multipart.c ofproto/conn/tls.c ofproto/ofproto.c ofproto/ofproto.h
