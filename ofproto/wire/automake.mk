noinst_LIBRARIES += libofwire.a
libofwire_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofwire_a_SOURCES =
