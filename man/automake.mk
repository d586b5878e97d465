dist_man_MANS += man/rf-ctl.8 man/rf-internals.7 man/rf-pki.8 man/rf-switchd.8 man/ringflow.conf.5
