noinst_LIBRARIES += libdpafp.a
libdpafp_a_CPPFLAGS = $(AM_CPPFLAGS)
libdpafp_a_SOURCES =
include datapath-af-packet/exec.mk
