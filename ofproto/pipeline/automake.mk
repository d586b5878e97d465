noinst_LIBRARIES += libofpipeline.a
libofpipeline_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofpipeline_a_SOURCES =
