# filled by this folder
include utilities/ofctl/automake.mk
bin_PROGRAMS += rf-ctl
rf_ctl_SOURCES = utilities/ctl/rf_ctl.c
rf_ctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
rf_ctl_LDADD = $(JANSSON_LIBS)
dist_bin_SCRIPTS += utilities/pki/rf-pki
