noinst_LIBRARIES += libofpipeline.a
libofpipeline_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofpipeline_a_SOURCES = ofproto/pipeline/action_set.c ofproto/pipeline/action_set.h ofproto/pipeline/mac_table.c \
	ofproto/pipeline/mac_table.h ofproto/pipeline/normal.c ofproto/pipeline/pipeline.h ofproto/pipeline/resume.c \
	ofproto/pipeline/translate.c ofproto/pipeline/xlate.h ofproto/pipeline/xlate_action.c
