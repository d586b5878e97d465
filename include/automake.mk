noinst_HEADERS += include/datapath.h include/dp_ops.def include/dp_program.h include/drops.def include/flow_key.h \
	include/match.h include/packet.h include/openflow/of_errors.def include/openflow/openflow13.h \
	include/openflow/oxm_fields.def
