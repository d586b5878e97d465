noinst_LIBRARIES += liboftext.a
liboftext_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
liboftext_a_SOURCES =
