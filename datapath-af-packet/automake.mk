noinst_LIBRARIES += libdpafp.a
libdpafp_a_CPPFLAGS = $(AM_CPPFLAGS) $(NL_CFLAGS) $(EVENT_CFLAGS) -I$(top_srcdir)/datapath-af-packet
libdpafp_a_SOURCES = \
	datapath-af-packet/bridge.c \
	datapath-af-packet/dp.c \
	datapath-af-packet/dp_private.h \
	datapath-af-packet/ethtool.c \
	datapath-af-packet/keep.c \
	datapath-af-packet/helpers.c \
	datapath-af-packet/htb.c \
	datapath-af-packet/lane.c \
	datapath-af-packet/netdev.c \
	datapath-af-packet/port.c \
	datapath-af-packet/queue.c \
	datapath-af-packet/queue.h \
	datapath-af-packet/ring.c \
	datapath-af-packet/rx.c \
	datapath-af-packet/stats.c \
	datapath-af-packet/steer.c \
	datapath-af-packet/tap.c \
	datapath-af-packet/tx.c \
	datapath-af-packet/upcall.c \
	datapath-af-packet/worker.c
include datapath-af-packet/exec.mk
