noinst_LIBRARIES += libswitchd.a
SWITCHD_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/switchd -I$(top_srcdir)/switchd/conf
SWITCHD_LIBS = libswitchd.a libofconn.a libofpipeline.a liboftable.a liboftext.a libofwire.a libdpafp.a librf.a $(EVENT_LIBS) \
	$(SSL_LIBS) $(NL_LIBS) $(CONFUSE_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS) $(SECCOMP_LIBS)
libswitchd_a_CPPFLAGS = $(SWITCHD_CPPFLAGS)
libswitchd_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(CONFUSE_CFLAGS) $(JANSSON_CFLAGS) \
	$(SYSTEMD_CFLAGS) $(SECCOMP_CFLAGS)
libswitchd_a_SOURCES = switchd/bridge.c switchd/bridge.h switchd/crash.c switchd/conf/conf.c switchd/conf/conf.h switchd/conf/conf_args.c switchd/conf/conf_file.c switchd/conf/conf_queue.c switchd/queues.c \
	switchd/conf/schema.def switchd/ctl/commands.c switchd/ctl/ctl.c switchd/ctl/ctl.h switchd/notify.h switchd/rundir.c switchd/sandbox.c \
	switchd/sandbox.h switchd/switchd.c switchd/switchd.h
# Optional parts are files, chosen here.
EXTRA_libswitchd_a_SOURCES = switchd/notify_systemd.c switchd/notify_none.c switchd/sandbox_seccomp.c switchd/sandbox_none.c \
	switchd/sandbox_calls.def
if HAVE_SYSTEMD
libswitchd_a_SOURCES += switchd/notify_systemd.c
else
libswitchd_a_SOURCES += switchd/notify_none.c
endif
if HAVE_SECCOMP
libswitchd_a_SOURCES += switchd/sandbox_seccomp.c switchd/sandbox_calls.def
else
libswitchd_a_SOURCES += switchd/sandbox_none.c
endif
sbin_PROGRAMS += rf-switchd
rf_switchd_SOURCES = switchd/main.c
rf_switchd_CPPFLAGS = $(SWITCHD_CPPFLAGS)
rf_switchd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
rf_switchd_LDADD = $(SWITCHD_LIBS)

# What a system needs beside the programs: the unit, its user, the folder of the configuration with a file that is only comments.
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
systemdsystemunit_DATA = switchd/rf-switchd.service
EXTRA_DIST += switchd/rf-switchd.service.in switchd/ringflow.sysusers switchd/ringflow.tmpfiles.in switchd/ringflow.conf
CLEANFILES += switchd/rf-switchd.service switchd/ringflow.tmpfiles
FILL_IN = $(AM_V_GEN)$(MKDIR_P) switchd && sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g'
switchd/rf-switchd.service: switchd/rf-switchd.service.in Makefile
	$(FILL_IN) $(srcdir)/switchd/rf-switchd.service.in >$@
switchd/ringflow.tmpfiles: switchd/ringflow.tmpfiles.in Makefile
	$(FILL_IN) $(srcdir)/switchd/ringflow.tmpfiles.in >$@
all-local: switchd/ringflow.tmpfiles
install-data-local: switchd/ringflow.tmpfiles
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)' '$(DESTDIR)$(sysconfdir)/ringflow'
	$(INSTALL_DATA) $(srcdir)/switchd/ringflow.sysusers '$(DESTDIR)$(sysusersdir)/ringflow.conf'
	$(INSTALL_DATA) switchd/ringflow.tmpfiles '$(DESTDIR)$(tmpfilesdir)/ringflow.conf'
	test -e '$(DESTDIR)$(sysconfdir)/ringflow/ringflow.conf' || \
		$(INSTALL) -m 640 $(srcdir)/switchd/ringflow.conf '$(DESTDIR)$(sysconfdir)/ringflow/ringflow.conf'
# A configuration that somebody wrote stays.
uninstall-local:
	rm -f '$(DESTDIR)$(sysusersdir)/ringflow.conf' '$(DESTDIR)$(tmpfilesdir)/ringflow.conf'
	if cmp -s $(srcdir)/switchd/ringflow.conf '$(DESTDIR)$(sysconfdir)/ringflow/ringflow.conf'; then \
		rm -f '$(DESTDIR)$(sysconfdir)/ringflow/ringflow.conf'; \
	fi
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_conf
TESTS += tests/unit/test_conf
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c
tests_unit_test_conf_CPPFLAGS = $(SWITCHD_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_conf_LDADD = libswitchd.a librf.a $(CONFUSE_LIBS) $(CMOCKA_LIBS)
endif
