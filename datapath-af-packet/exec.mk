libdpafp_a_SOURCES += datapath-af-packet/exec.c datapath-af-packet/exec.h datapath-af-packet/act.h \
	datapath-af-packet/act_field.c datapath-af-packet/act_l2.c datapath-af-packet/act_ttl.c \
	datapath-af-packet/arena.c datapath-af-packet/arena.h datapath-af-packet/checksum.c datapath-af-packet/checksum.h \
	datapath-af-packet/flow_key.c datapath-af-packet/flow_key_v6.c datapath-af-packet/flow_key_parse.h \
	datapath-af-packet/microflow.c datapath-af-packet/microflow.h datapath-af-packet/segment.c
