EXTRA_DIST += \
	tests/system/README \
	tests/system/conftest.py \
	tests/system/lab.py \
	tests/system/openflow.py \
	tests/system/tapwire.py \
	tests/system/test_account.py \
	tests/system/test_bundle.py \
	tests/system/test_channel.py \
	tests/system/test_conformance.py \
	tests/system/test_connections.py \
	tests/system/test_controller.py \
	tests/system/test_daemon.py \
	tests/system/test_endure.py \
	tests/system/test_errors.py \
	tests/system/test_evict.py \
	tests/system/test_fail_mode.py \
	tests/system/test_foreign.py \
	tests/system/test_forward.py \
	tests/system/test_fragments.py \
	tests/system/test_groups.py \
	tests/system/test_handshakes.py \
	tests/system/test_instances.py \
	tests/system/test_meters.py \
	tests/system/test_mininet.py \
	tests/system/test_monitor.py \
	tests/system/test_ofctl.py \
	tests/system/test_ofctl_diff.py \
	tests/system/test_ofctl_more.py \
	tests/system/test_offload.py \
	tests/system/test_order.py \
	tests/system/test_pipeline.py \
	tests/system/test_ports.py \
	tests/system/test_queue.py tests/system/test_scale.py tests/system/test_steer.py tests/system/test_refused.py \
	tests/system/test_tls.py \
	tests/system/test_tool.py \
	tests/system/test_trouble.py \
	tests/system/test_vectors.py \
	tests/system/test_vlan.py \
	tests/system/traffic.py

# Frames for the long tests.
noinst_PROGRAMS += tests/system/numbered
tests_system_numbered_SOURCES = tests/system/numbered.c

# Needs root, network namespaces, pytest, scapy, os-ken and ovs-ofctl: `./bootstrap deps` installs them.
check-system: all
	RINGFLOW_BUILD='$(abs_top_builddir)' /usr/bin/python3 -B -m pytest -q -rs -p no:cacheprovider $(abs_top_srcdir)/tests/system

# The same in full length: 10^6 frames at each lane period, 10^7 frames beside a controller, 100 flaps.
check-long: all
	RINGFLOW_LONG=1 RINGFLOW_BUILD='$(abs_top_builddir)' /usr/bin/python3 -B -m pytest -q -rsP -p no:cacheprovider \
		$(abs_top_srcdir)/tests/system/test_order.py $(abs_top_srcdir)/tests/system/test_endure.py $(abs_top_srcdir)/tests/system/test_trouble.py
