# A reference model of the switch, driven beside the real one: in the check a short form, `make check-model` 10^6 steps and more seeds.
EXTRA_DIST += tests/model/README
check_PROGRAMS += tests/model/model_drive
tests_model_model_drive_SOURCES = tests/model/drive.c tests/model/drive.h tests/model/drive_frames.c tests/model/gen.c \
	tests/model/gen.h tests/model/model.h tests/model/model_packet.c tests/model/model_run.c tests/model/model_table.c tests/model/model_wire.c
tests_model_model_drive_CPPFLAGS = $(OFPROTO_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/model
tests_model_model_drive_LDADD = libofpipeline.a liboftable.a libofwire.a libdpafp.a librf.a
TESTS += tests/model/model_drive

MODEL_STEPS = 1000000
MODEL_SEEDS = 1 2 3
check-model: tests/model/model_drive$(EXEEXT)
	for s in $(MODEL_SEEDS); do tests/model/model_drive$(EXEEXT) $(MODEL_STEPS) $$s || exit 1; done

.PHONY: check-model
