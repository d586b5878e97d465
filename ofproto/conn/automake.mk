noinst_LIBRARIES += libofconn.a
libofconn_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofconn_a_SOURCES =
