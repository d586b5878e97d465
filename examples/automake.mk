# filled by this folder
EXTRA_DIST += examples/ringflow.conf
