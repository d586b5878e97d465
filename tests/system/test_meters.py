# SPDX-License-Identifier: ISC
"""Meters, as real ovs-ofctl sees them and as frames meet them."""

import re


def refused(s, why, command, *words):
    done = s.ofctl(command, *words, check=False)
    assert done.returncode == 1 and why in done.stderr, (words, done.stderr)


def test_meters_read_back_as_they_were_written(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-meter', 'meter=1,kbps,burst,stats,bands=type=drop,rate=1000,burst_size=70')
    s.ofctl('add-meter', 'meter=2,pktps,bands=type=dscp_remark,rate=5,prec_level=1,type=drop,rate=9')
    s.ofctl('add-meter', 'meter=controller,pktps,bands=type=drop,rate=50')
    said = s.ofctl('dump-meters').stdout
    assert re.search(r'meter=1 kbps burst stats bands=\s+type=drop rate=1000 burst_size=70', said), said
    assert re.search(r'meter=2 pktps bands=\s+type=dscp_remark rate=5 prec_level=1\s+type=drop rate=9', said), said
    assert 'meter=controller pktps' in said
    s.ofctl('mod-meter', 'meter=1,pktps,bands=type=drop,rate=7')
    assert re.search(r'meter=1 pktps bands=\s+type=drop rate=7', s.ofctl('dump-meters', 'meter=1').stdout)
    stats = s.ofctl('meter-stats').stdout
    assert re.search(r'meter:1 flow_count:0 packet_in_count:0 byte_in_count:0', stats), stats
    features = s.ofctl('meter-features').stdout
    assert 'max_meter:65536 max_bands:16' in features and 'drop' in features and 'dscp_remark' in features, features
    s.ofctl('del-meters')
    assert 'meter=' not in s.ofctl('dump-meters').stdout


def test_what_is_refused_has_its_code_and_changes_nothing(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-meter', 'meter=1,kbps,bands=type=drop,rate=1000')
    refused(s, 'OFPMMFC_METER_EXISTS', 'add-meter', 'meter=1,kbps,bands=type=drop,rate=9')
    refused(s, 'OFPMMFC_UNKNOWN_METER', 'mod-meter', 'meter=2,kbps,bands=type=drop,rate=9')
    refused(s, 'OFPMMFC_BAD_FLAGS', 'add-meter', 'meter=2,kbps,pktps,bands=type=drop,rate=9')
    refused(s, 'OFPMMFC_INVALID_METER', 'add-flow', 'in_port=1,actions=meter:9,output:1')
    refused(s, 'OFPMMFC_UNKNOWN_METER', 'meter-stats', 'meter=9')
    assert 'rate=1000' in s.ofctl('dump-meters').stdout


def test_a_deleted_meter_takes_its_flows_along(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-meter', 'meter=1,kbps,bands=type=drop,rate=1000')
    s.ofctl('add-flow', 'in_port=1,actions=meter:1,output:2')
    s.ofctl('add-flow', 'in_port=2,actions=meter:1')
    s.ofctl('add-flow', 'in_port=3,actions=output:1')
    assert 'flow_count:2' in s.ofctl('meter-stats').stdout
    s.ofctl('del-meter', 'meter=1')
    flows = s.ofctl('dump-flows').stdout
    assert 'meter' not in flows and flows.count('actions=') == 1
