bin_PROGRAMS += rf-ofctl
rf_ofctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/ofproto/wire -I$(top_srcdir)/ofproto/text \
	-I$(top_srcdir)/utilities/ofctl $(SSL_CFLAGS) $(PCAP_CFLAGS)
rf_ofctl_SOURCES = utilities/ofctl/batch.c utilities/ofctl/batch.h utilities/ofctl/bundle.c utilities/ofctl/bundle.h \
	utilities/ofctl/changes.c utilities/ofctl/changes.h utilities/ofctl/client.c utilities/ofctl/client.h utilities/ofctl/color.c utilities/ofctl/color.h \
	utilities/ofctl/common.c utilities/ofctl/dump.c utilities/ofctl/dump_json.c utilities/ofctl/dump_json.h utilities/ofctl/dump_json_groups.c \
	utilities/ofctl/explain.c utilities/ofctl/flow_diff.c utilities/ofctl/flow_dump.c utilities/ofctl/flow_mod.c \
	utilities/ofctl/flow_query.h utilities/ofctl/flow_sets.c utilities/ofctl/flow_sets.h utilities/ofctl/foreign.c \
	utilities/ofctl/group_cmds.c utilities/ofctl/json.c utilities/ofctl/json.h utilities/ofctl/json_ask.c utilities/ofctl/json_ask.h utilities/ofctl/local.c \
	utilities/ofctl/main.c utilities/ofctl/meter_cmds.c utilities/ofctl/monitor.c utilities/ofctl/note.c \
	utilities/ofctl/note.h utilities/ofctl/ofctl.h utilities/ofctl/packet.c utilities/ofctl/pcap.c utilities/ofctl/ports.c \
	utilities/ofctl/queue_cmds.c utilities/ofctl/session.c utilities/ofctl/stream.c utilities/ofctl/stream.h \
	utilities/ofctl/table_desc.c utilities/ofctl/table_desc.h \
	utilities/ofctl/tables.c utilities/ofctl/watch.c utilities/ofctl/watch.h
rf_ofctl_LDADD = liboftext.a libofwire.a librf.a $(SSL_LIBS) $(PCAP_LIBS)
dist_man_MANS += man/rf-ofctl.8

bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = utilities/ofctl/completion/_rf-ofctl
EXTRA_DIST += utilities/ofctl/completion/rf-ofctl.bash

# bash looks for a file with the command's own name
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) '$(top_srcdir)/utilities/ofctl/completion/rf-ofctl.bash' '$(DESTDIR)$(bashcompletiondir)/rf-ofctl'
uninstall-hook:
	rm -f '$(DESTDIR)$(bashcompletiondir)/rf-ofctl'
