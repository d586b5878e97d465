# SPDX-License-Identifier: ISC
"""Others read the vectors of tests/vectors as we do: os-ken takes and writes the same bytes, ovs-ofctl prints the same text."""

import os
import re
import subprocess

import pytest

from lab import TOP, lab_need

FOLDER = os.path.join(TOP, 'tests', 'vectors')

# What ovs-ofctl says otherwise, and why.  Where it refuses, Open vSwitch does without what the vector has.
OVS_DIFFERS = {
    'hello-unknown-element': 'it shows the bytes of elements that it does not know',
    'error-unknown-code': 'it refuses codes without a name',
    'error-foreign-experimenter': 'the same',
    'packet-in-ttl-cut': 'no IN_PHY_PORT', 'match-port': 'no IN_PHY_PORT',
    'match-pbb': 'no PBB', 'mask-pbb': 'no PBB', 'act-push-pbb': 'no PBB', 'act-pop-pbb': 'no PBB',
    'match-exthdr': 'no IPV6_EXTHDR', 'mask-exthdr': 'no IPV6_EXTHDR',
    'act-mpls': 'no COPY_TTL_OUT', 'act-pop-mpls': 'no COPY_TTL_IN',
    'act-set-field-rest': 'no set-field of IP_PROTO, ETH_TYPE, MPLS_BOS', 'act-set-vid-no-present': 'it wants OFPVID_PRESENT',
    'flow-delete-instructions': 'it shows what a switch does not read', 'group-delete-buckets': 'it refuses what a switch does not read',
    'group-features-reply': 'it does not name actions of the standard that it does not have',
    'table-features-reply-all': 'it does not name actions and fields of the standard that it does not have',
    'table-features-experimenter': 'it refuses properties of experimenters',
    'monitor-request-bare': 'os-ken sends it like this, Open vSwitch wants the head of a match',
    'monitor-reply': 'it leaves out the priority, without which two flows look the same',
}

# os-ken 2.5 does not skip the padding of an element, finds one of length 0, and reads it for ever.
OSKEN_HANGS = {'hello-unknown-element'}


class Vector:
    def __init__(self, name):
        self.name, self.bytes, self.again, self.text, self.malformed = name, b'', b'', '', False


def word_bytes(word):
    m = re.fullmatch(r'(?:"([^"]*)"|((?:[0-9a-f]{2})+))(?:\*(\d+))?', word)
    assert m, word
    return (m[1].encode() if m[1] is not None else bytes.fromhex(m[2])) * int(m[3] or 1)


def read_vectors():
    vectors, v, again = [], None, False
    for name in sorted(os.listdir(FOLDER)):
        if not name.endswith('.txt'):
            continue
        for line in open(os.path.join(FOLDER, name)):
            if line.startswith('vector '):
                v, again = Vector(line.split()[1]), False
                vectors.append(v)
            elif line.startswith('|'):
                v.text += line[2:] if line.startswith('| ') else line[1:]
            elif line.startswith('encodes-as '):
                again = True
            elif line.startswith(('error ', 'refused ')):
                v.malformed = True
            else:
                for word in re.findall(r'"[^"]*"\S*|[^\s"#]+|#.*', line):
                    if word.startswith('#'):
                        break
                    if again:
                        v.again += word_bytes(word)
                    else:
                        v.bytes += word_bytes(word)
    return [v for v in vectors if not v.malformed]


VECTORS = read_vectors()


def test_ovs_ofctl_prints_the_same():
    lab_need('ovs-ofctl')
    wrong, alike = [], []
    for v in VECTORS:
        theirs = subprocess.run(['ovs-ofctl', 'ofp-print', v.bytes.hex()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                universal_newlines=True, timeout=60).stdout
        if (theirs != v.text) != (v.name in OVS_DIFFERS):
            (alike if theirs == v.text else wrong).append('%s: %s' % (v.name, theirs))
    assert not wrong, '\n'.join(wrong)
    assert not alike, 'no longer different: ' + '\n'.join(alike)
    assert len(VECTORS) > 200


@pytest.fixture(scope='module')
def osken():
    pytest.importorskip('os_ken')
    from os_ken.ofproto import ofproto_parser, ofproto_v1_3, ofproto_v1_3_parser
    from os_ken.ofproto.ofproto_protocol import ProtocolDesc
    return ofproto_parser, ofproto_v1_3, ofproto_v1_3_parser, ProtocolDesc(version=4)


def test_osken_reads_what_it_may_receive(osken):
    """All that it has a reader for, and what it can write of that has the same bytes."""
    parser, o, p, dp = osken
    writes = {o.OFPT_ECHO_REQUEST, o.OFPT_ECHO_REPLY, o.OFPT_ERROR, o.OFPT_EXPERIMENTER, o.OFPT_FLOW_MOD, o.OFPT_BARRIER_REPLY}
    n = written = 0
    for v in VECTORS:
        version, kind, length, xid = parser.header(v.bytes)
        if version != o.OFP_VERSION or kind not in p._MSG_PARSERS or v.name in OSKEN_HANGS:
            continue
        msg = parser.msg(dp, version, kind, length, xid, v.bytes)
        assert msg is not None, v.name
        n += 1
        if kind in writes and not v.name.startswith('error-'):
            msg.buf = None
            msg.serialize()
            assert bytes(msg.buf) in (v.bytes, v.again), '%s: %s' % (v.name, bytes(msg.buf).hex())
            written += 1
    assert n > 150 and written > 90, (n, written)


def requests(o, p, dp):
    """What controllers send and os-ken can't read, by the name of the vector, as os-ken makes it."""
    out, any_, no_buffer = p.OFPActionOutput, o.OFPP_ANY, o.OFP_NO_BUFFER
    vlan = [p.OFPActionPushVlan(0x8100), p.OFPActionSetField(vlan_vid=0x100a), out(o.OFPP_ALL, 0)]
    frame = bytes.fromhex('ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002')

    def bucket(*actions, weight=0, port=o.OFPP_ANY, group=o.OFPG_ANY):
        return p.OFPBucket(weight, port, group, list(actions))

    def group(command, kind, number, *buckets):
        return p.OFPGroupMod(dp, command, kind, number, list(buckets))

    def meter(command, flags, number, *bands):
        return p.OFPMeterMod(dp, command, flags, number, list(bands))

    def port_mod(no, last, config, mask, advertise):
        return p.OFPPortMod(dp, no, '02:00:00:00:00:' + last, config, mask, advertise)

    def flows(cls, table=o.OFPTT_ALL, port=any_, group_=o.OFPG_ANY, cookie=0, mask=0, **match):
        return cls(dp, 0, table, port, group_, cookie, mask, p.OFPMatch(**match))
    return {
        'hello-plain-1.3': p.OFPHello(dp),
        'features-request': p.OFPFeaturesRequest(dp),
        'get-config-request': p.OFPGetConfigRequest(dp),
        'set-config': p.OFPSetConfig(dp, o.OFPC_FRAG_NORMAL, o.OFPCML_NO_BUFFER),
        'set-config-reassemble': p.OFPSetConfig(dp, o.OFPC_FRAG_REASM, 128),
        'packet-out': p.OFPPacketOut(dp, no_buffer, o.OFPP_CONTROLLER, [out(1, 0)], frame),
        'packet-out-actions': p.OFPPacketOut(dp, no_buffer, 3, vlan, frame),
        'packet-out-buffer': p.OFPPacketOut(dp, 0x100, 1, [out(o.OFPP_FLOOD, 0)]),
        'group-add-all': group(o.OFPGC_ADD, o.OFPGT_ALL, 1, bucket(out(1, 0)), bucket(out(2, 0))),
        'group-add-select': group(o.OFPGC_ADD, o.OFPGT_SELECT, 2, bucket(out(1, 0), weight=3), bucket(out(2, 0), weight=1)),
        'group-add-indirect': group(o.OFPGC_ADD, o.OFPGT_INDIRECT, 3,
                                    bucket(p.OFPActionSetField(eth_dst='02:00:00:00:00:02'), out(1, 0))),
        'group-add-ff': group(o.OFPGC_ADD, o.OFPGT_FF, 4, bucket(out(1, 0), port=1), bucket(p.OFPActionGroup(1), group=1)),
        'group-add-empty': group(o.OFPGC_ADD, o.OFPGT_ALL, 5),
        'group-modify': group(o.OFPGC_MODIFY, o.OFPGT_ALL, 1, bucket(out(3, 0)), bucket()),
        'group-delete': group(o.OFPGC_DELETE, o.OFPGT_ALL, 1),
        'group-delete-all': group(o.OFPGC_DELETE, o.OFPGT_ALL, o.OFPG_ALL),
        'meter-add': meter(o.OFPMC_ADD, o.OFPMF_KBPS, 1, p.OFPMeterBandDrop(1000, 0)),
        'meter-add-packets': meter(o.OFPMC_ADD, o.OFPMF_PKTPS | o.OFPMF_BURST | o.OFPMF_STATS, 2, p.OFPMeterBandDrop(100, 50)),
        'meter-add-bands': meter(o.OFPMC_ADD, o.OFPMF_KBPS | o.OFPMF_BURST, 3, p.OFPMeterBandDscpRemark(500, 100, 1),
                                 p.OFPMeterBandDrop(1000, 200)),
        'meter-modify': meter(o.OFPMC_MODIFY, o.OFPMF_KBPS, 1, p.OFPMeterBandDrop(2000, 0)),
        'meter-delete': meter(o.OFPMC_DELETE, 0, 1),
        'meter-delete-all': meter(o.OFPMC_DELETE, 0, o.OFPM_ALL),
        'port-mod-down': port_mod(1, '01', o.OFPPC_PORT_DOWN, o.OFPPC_PORT_DOWN, 0),
        'port-mod-up': port_mod(1, '01', 0, o.OFPPC_PORT_DOWN, 0),
        'port-mod-all': port_mod(o.OFPP_LOCAL, 'fe', 0x64, 0x65, 0x282f),
        'table-mod': p.OFPTableMod(dp, 3, 0),
        'table-mod-all': p.OFPTableMod(dp, o.OFPTT_ALL, 3),
        'desc-request': p.OFPDescStatsRequest(dp, 0),
        'flow-stats-request': flows(p.OFPFlowStatsRequest),
        'flow-stats-request-some': flows(p.OFPFlowStatsRequest, 1, 2, cookie=0x10, mask=0xff, eth_type=0x800,
                                         ipv4_dst=('10.0.0.0', '255.0.0.0')),
        'aggregate-request': flows(p.OFPAggregateStatsRequest),
        'aggregate-request-group': flows(p.OFPAggregateStatsRequest, 0, group_=5),
        'table-stats-request': p.OFPTableStatsRequest(dp, 0),
        'table-features-request': p.OFPTableFeaturesStatsRequest(dp, 0),
        'port-stats-request': p.OFPPortStatsRequest(dp, 0, any_),
        'port-stats-request-one': p.OFPPortStatsRequest(dp, 0, 1),
        'port-desc-request': p.OFPPortDescStatsRequest(dp, 0),
        'queue-stats-request': p.OFPQueueStatsRequest(dp, 0, any_, o.OFPQ_ALL),
        'queue-stats-request-one': p.OFPQueueStatsRequest(dp, 0, 1, 3),
        'group-stats-request': p.OFPGroupStatsRequest(dp, 0, o.OFPG_ALL),
        'group-stats-request-one': p.OFPGroupStatsRequest(dp, 0, 1),
        'group-desc-request': p.OFPGroupDescStatsRequest(dp, 0),
        'group-features-request': p.OFPGroupFeaturesStatsRequest(dp, 0),
        'meter-stats-request': p.OFPMeterStatsRequest(dp, 0, o.OFPM_ALL),
        'meter-stats-request-one': p.OFPMeterStatsRequest(dp, 0, 1),
        'meter-config-request': p.OFPMeterConfigStatsRequest(dp, 0, 3),
        'meter-features-request': p.OFPMeterFeaturesStatsRequest(dp, 0),
        'barrier-request': p.OFPBarrierRequest(dp),
        'queue-config-request': p.OFPQueueGetConfigRequest(dp, 1),
        'queue-config-request-any': p.OFPQueueGetConfigRequest(dp, any_),
        'role-nochange': p.OFPRoleRequest(dp, o.OFPCR_ROLE_NOCHANGE, 0),
        'role-equal': p.OFPRoleRequest(dp, o.OFPCR_ROLE_EQUAL, 0),
        'role-master': p.OFPRoleRequest(dp, o.OFPCR_ROLE_MASTER, 5),
        'role-slave': p.OFPRoleRequest(dp, o.OFPCR_ROLE_SLAVE, 5),
        'get-async-request': p.OFPGetAsyncRequest(dp),
        'set-async': p.OFPSetAsync(dp, [7, 0], [0, 0], [0, 0]),
    }


def test_osken_writes_the_same_requests(osken):
    _, o, p, dp = osken
    vectors = {v.name: v for v in VECTORS}
    made = requests(o, p, dp)
    for name, msg in made.items():
        msg.xid = int.from_bytes(vectors[name].bytes[4:8], 'big')
        msg.serialize()
        assert bytes(msg.buf) == vectors[name].bytes, name
    kinds = {vectors[name].bytes[1] for name in made} | {o.OFPT_FLOW_MOD}
    assert kinds >= {t for t in range(30) if t not in p._MSG_PARSERS and t != o.OFPT_MULTIPART_REPLY}
