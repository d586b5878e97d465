noinst_LIBRARIES += liboftable.a
liboftable_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
liboftable_a_SOURCES =
