# SPDX-License-Identifier: ISC
"""Eviction and vacancy events (EXT-192) as an operator and a controller meet them: rf-ofctl, frames, messages."""

import json
import struct

import os_ken.ofproto.ofproto_v1_3 as ofp
import os_ken.ofproto.ofproto_v1_3_parser as parser

from openflow import ANY, DP, Client

ONF, PORT, SECURE = 0x4f4e4600, 6653, ('--fail-mode', 'secure')
TABLE_MOD, TABLE_STATUS, IMPORTANCE = 1920, 1921, 1920
EVICTION, VACANCY = 1 << 2, 1 << 3
REASON_EVICTION, DOWN, UP = 5, 3, 4


def small_table(switch, entries):
    """Table 0 takes so many entries: its features go back as they came but for that."""
    c = Client.mgmt(switch)
    features = c.ask(parser.OFPTableFeaturesStatsRequest(DP, 0, []))
    features[0].max_entries = entries
    parts = [features[i:i + 8] for i in range(0, len(features), 8)]
    c.xid += 1
    for i, part in enumerate(parts):
        more = ofp.OFPMPF_REQ_MORE if i + 1 < len(parts) else 0
        c.send(parser.OFPTableFeaturesStatsRequest(DP, more, part), xid=c.xid)
    c.barrier()
    errors = [m for m in c.unasked if m.msg_type == ofp.OFPT_ERROR]
    assert not errors, errors
    c.close()


def table_mod(client, config, vacancy=None):
    body = struct.pack('!IIB3xI', ONF, TABLE_MOD, 0, config)
    if vacancy:
        body += struct.pack('!HHBBBx', 3, 8, *vacancy, 0)
    client.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_EXPERIMENTER, 8 + len(body), 77) + body)
    client.barrier()


def importance(value):
    return struct.pack('!HHIIHxx', 0xffff, 16, ONF, IMPORTANCE, value)


def add(client, port, value, flags=ofp.OFPFF_SEND_FLOW_REM):
    """A FLOW_MOD by hand: os-ken does not know the instruction.  in_port=PORT actions=output:2."""
    match = struct.pack('!HHIII', 1, 12, 0x80000004, port, 0)
    output = struct.pack('!HHIHHIH6x', ofp.OFPIT_APPLY_ACTIONS, 24, 0, 0, 16, 2, 0xffff)
    body = struct.pack('!QQBBHHHIIIH2x', 0, 0, 0, 0, 0, 0, 100, 0xffffffff, ANY, ANY, flags) + match + output + importance(value)
    client.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_FLOW_MOD, 8 + len(body), 78) + body)


def ports_of(switch):
    flows = json.loads(switch.tool('dump-flows', options=('--json',)).stdout)
    return {int(f['match']['in_port']): f['importance'] for f in flows}


def test_the_operator_switches_it_on(lab):
    s = lab.net(2, *SECURE, quiet=True)
    small_table(s, 3)
    for i, value in ((1, 30), (2, 10), (3, 20)):
        s.tool('add-flow', 'importance=%d,in_port=%d,actions=output:2' % (value, i))
    full = s.tool('add-flow', 'importance=99,in_port=4,actions=output:2', check=False)
    assert full.returncode and 'OFPFMFC_TABLE_FULL' in full.stderr, full
    s.tool('mod-table', '0', 'evict')
    s.tool('mod-table', '0', 'vacancy:20,50')
    text = s.tool('dump-table-desc').stdout
    assert '  table 0:\n   eviction=on eviction_flags=OTHER|IMPORTANCE|LIFETIME\n' \
           '   vacancy=on vacancy_down=20% vacancy_up=50% vacancy=0%\n' in text, text
    assert '  table 1:\n   eviction=off eviction_flags=OTHER|IMPORTANCE|LIFETIME\n   vacancy=off\n' in text, text
    s.tool('add-flow', 'importance=99,in_port=4,actions=output:2')
    text = s.tool('dump-flows').stdout
    assert 'importance=99, in_port=4' in text and 'in_port=2 ' not in text, text
    for setting in ('noevict', 'novacancy'):
        s.tool('mod-table', 'all', setting)
    desc = json.loads(s.tool('dump-table-desc', options=('--json',)).stdout)
    assert desc[0] == {'table': 0, 'eviction': False, 'eviction_flags': ['other', 'importance', 'lifetime'],
                       'vacancy_events': False}, desc[0]
    full = s.tool('add-flow', 'importance=99,in_port=5,actions=output:2', check=False)
    assert 'OFPFMFC_TABLE_FULL' in full.stderr, full
    # a file of flows comes back as it was dumped
    kept = s.tool('dump-flows', options=('--no-stats',)).stdout
    s.tool('replace-flows', '-', stdin=kept)
    assert s.tool('dump-flows', options=('--no-stats',)).stdout == kept
    for bad, why in (('vacancy:60,50', 'should be greater'), ('vacancy:1', 'up value missing'), ('vacancy:1,101', '"101"')):
        refused = s.tool('mod-table', '0', bad, check=False)
        assert refused.returncode == 1 and why in refused.stderr, refused


def test_frames_follow_what_was_evicted(lab):
    s = lab.net(3, *SECURE, quiet=True)
    small_table(s, 2)
    a, b = s.hosts[0], s.hosts[1]
    s.tool('mod-table', '0', 'evict')
    s.tool('add-flow', 'importance=1,in_port=1,actions=output:2')
    s.tool('add-flow', 'importance=2,in_port=2,actions=output:1')
    a.must_reach(b.v4)  # both are in the workers' caches now
    s.tool('add-flow', 'importance=3,in_port=3,actions=drop')
    assert not a.reaches(b.v4)
    s.tool('add-flow', 'importance=4,in_port=1,actions=output:2')  # puts that of port 2 away
    assert not a.reaches(b.v4)
    s.tool('add-flow', 'importance=4,in_port=2,actions=output:1')  # and that of port 3
    a.must_reach(b.v4)


def test_controllers_are_told_what_they_asked_for(lab):
    s = lab.net(2, *SECURE, '--controller', 'ptcp:%d:127.0.0.1' % PORT, quiet=True)
    small_table(s, 4)
    c, other = Client.connect(s, PORT), Client.connect(s, PORT)
    table_mod(c, EVICTION | VACANCY, (50, 50))
    for i, value in enumerate((5, 1, 4, 2, 3), 1):
        add(c, i, value)
    c.barrier()
    removed = c.take(ofp.OFPT_FLOW_REMOVED)
    assert (removed.match['in_port'], removed.reason) == (2, REASON_EVICTION), removed
    status = c.take(ofp.OFPT_EXPERIMENTER)
    _, exp_type, reason, table, config = struct.unpack_from('!IIB7x2xBxI', status.raw, 8)
    assert (exp_type, reason, table, config) == (TABLE_STATUS, DOWN, 0, EVICTION | VACANCY), status.raw.hex()
    other.quiet(ofp.OFPT_EXPERIMENTER)  # it never asked
    assert other.take(ofp.OFPT_FLOW_REMOVED).reason == REASON_EVICTION
    # who has not used the extension can read the flows with its own codec
    flows = other.ask(parser.OFPFlowStatsRequest(DP, 0, 0, ANY, ANY, 0, 0, parser.OFPMatch()))
    assert sorted(f.match['in_port'] for f in flows) == [1, 3, 4, 5], flows
    assert ports_of(s) == {1: 5, 3: 4, 4: 2, 5: 3}
    s.tool('del-flows')
    status = c.take(ofp.OFPT_EXPERIMENTER)
    assert status.raw[16] == UP, status.raw.hex()
    c.close()
    other.close()


def test_a_bundle_evicts_all_or_nothing(lab):
    s = lab.net(2, *SECURE, quiet=True)
    small_table(s, 2)
    s.tool('mod-table', '0', 'evict')
    s.tool('add-flow', 'importance=1,in_port=1,actions=drop')
    s.tool('add-flow', 'importance=2,in_port=2,actions=drop')
    before = ports_of(s)
    refused = s.tool('bundle', '-', check=False, stdin='flow add importance=5,in_port=3,actions=drop\n'
                                                       'flow add importance=6,in_port=4,actions=group:9\n')
    assert refused.returncode and 'OFPBAC_BAD_OUT_GROUP' in refused.stderr, refused
    assert ports_of(s) == before
    s.tool('bundle', '-', stdin='flow add importance=5,in_port=3,actions=drop\nflow add importance=6,in_port=4,actions=drop\n')
    assert ports_of(s) == {3: 5, 4: 6}
