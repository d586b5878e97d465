noinst_LIBRARIES += libswitchd.a
SWITCHD_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/switchd -I$(top_srcdir)/switchd/conf
SWITCHD_LIBS = libswitchd.a libofconn.a libofpipeline.a liboftable.a liboftext.a libofwire.a libdpafp.a librf.a $(EVENT_LIBS) \
	$(SSL_LIBS) $(NL_LIBS) $(CONFUSE_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS)
libswitchd_a_CPPFLAGS = $(SWITCHD_CPPFLAGS)
libswitchd_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(CONFUSE_CFLAGS) $(JANSSON_CFLAGS)
libswitchd_a_SOURCES = switchd/conf/conf.c switchd/conf/conf.h switchd/conf/conf_args.c switchd/conf/conf_file.c \
	switchd/conf/schema.def switchd/ctl/commands.c switchd/ctl/ctl.c switchd/ctl/ctl.h switchd/rundir.c switchd/switchd.c \
	switchd/switchd.h
sbin_PROGRAMS += rf-switchd
rf_switchd_SOURCES = switchd/main.c
rf_switchd_CPPFLAGS = $(SWITCHD_CPPFLAGS)
rf_switchd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS)
rf_switchd_LDADD = $(SWITCHD_LIBS)
dist_systemdsystemunit_DATA = switchd/rf-switchd.service
EXTRA_DIST += switchd/ringflow.sysusers
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_conf
TESTS += tests/unit/test_conf
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c
tests_unit_test_conf_CPPFLAGS = $(SWITCHD_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conf_LDADD = libswitchd.a librf.a $(CONFUSE_LIBS) $(CMOCKA_LIBS)
endif
