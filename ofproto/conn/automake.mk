noinst_LIBRARIES += libofconn.a
libofconn_a_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS)
libofconn_a_SOURCES = ofproto/conn/conn.c ofproto/conn/conn.h ofproto/conn/controller.c ofproto/conn/dispatch.c \
	ofproto/conn/handle_experimenter.c ofproto/conn/handle_flow.c ofproto/conn/handle_group.c ofproto/conn/handle_meter.c \
	ofproto/conn/handle_multipart.c ofproto/conn/handle_packet_out.c ofproto/conn/handle_port.c ofproto/conn/handle_queue.c \
	ofproto/conn/handle_role.c ofproto/conn/handle_switch.c ofproto/conn/handle_table.c ofproto/conn/handlers.h \
	ofproto/conn/reply.c ofproto/conn/reply.h ofproto/conn/tls.c ofproto/ofproto.c ofproto/ofproto.h
