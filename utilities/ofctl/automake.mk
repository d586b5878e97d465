bin_PROGRAMS += rf-ofctl
rf_ofctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/ofproto/wire -I$(top_srcdir)/ofproto/text \
	-I$(top_srcdir)/utilities/ofctl $(SSL_CFLAGS)
rf_ofctl_SOURCES = utilities/ofctl/client.c utilities/ofctl/client.h utilities/ofctl/common.c \
	utilities/ofctl/dump.c utilities/ofctl/flows.c utilities/ofctl/local.c utilities/ofctl/main.c utilities/ofctl/ofctl.h \
	utilities/ofctl/ports.c utilities/ofctl/session.c utilities/ofctl/stream.c utilities/ofctl/stream.h
rf_ofctl_LDADD = liboftext.a libofwire.a librf.a $(SSL_LIBS)
dist_man_MANS += man/rf-ofctl.8
