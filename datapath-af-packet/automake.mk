noinst_LIBRARIES += libdpafp.a
libdpafp_a_CPPFLAGS = $(AM_CPPFLAGS)
libdpafp_a_SOURCES =
