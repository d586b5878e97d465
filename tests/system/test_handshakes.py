# SPDX-License-Identifier: ISC
"""The conversations that controllers begin with, message by message: what each expects next, and nothing else in between.

ONOS disconnects for any message that its state does not expect, OpenDaylight when a barrier or a role is not answered, os-ken waits for
ever for port descriptions, Faucet counts every error."""

import os
import socket
import struct
import time

import lab as labs
import openflow as of
from openflow import apply, flow, ofp, output, parser

XID_TOP = 0xffffffff


class Talk:
    """A controller that waits to be dialled; every message that comes must be the next one expected."""

    def __init__(self, lab, n=2):
        self.lab, ns = lab, lab.namespace()
        self.hosts = lab.hosts(n, ns, quiet=True)
        server = of.in_namespace(ns.name, lambda: socket.create_server(('127.0.0.1', 6653)))
        lab.later(server.close)
        server.settimeout(labs.PATIENCE)
        self.switch = labs.Switch(lab, ns, '--fail-mode', 'secure', '--controller', 'tcp:127.0.0.1:6653',
                                  ports=[(h.number, h.port) for h in self.hosts])
        self.switch.links_up(*[h.port for h in self.hosts])  # nobody is told of it in the midst of a conversation
        sock, _ = server.accept()
        lab.later(sock.close)
        self.c = of.Client(sock, hello=False)

    def raw(self, kind, body=b'', xid=1, version=4):
        self.c.send_raw(struct.pack('!BBHI', version, kind, 8 + len(body), xid) + body)

    def say(self, msg, xid):
        msg.xid = None  # it may have been said before
        self.c.send(msg, xid)

    def expect(self, kind, xid=None, mp=None):
        m = self.c.next()
        assert m is not None, 'closed: ' + self.switch.log()
        assert m.msg_type == kind, (m, getattr(m, 'code', None))
        assert xid is None or m.xid == xid, m
        assert mp is None or (m.type == mp and not m.flags & ofp.OFPMPF_REPLY_MORE), m
        return m

    def silence(self, seconds=0.5):
        m = self.c.next(seconds)
        assert m is None and not self.c.closed, m

    def their_hello(self):
        raw = self.c.next_raw()
        assert raw[:4] == b'\4\0\0\x10' and raw[8:] == struct.pack('!HHI', 1, 8, 0x10), raw.hex()


def bitmap(*versions):
    return struct.pack('!HHI', 1, 8, sum(1 << v for v in versions))


def stats(kind, body=b''):
    return struct.pack('!HHI', kind, 0, 0) + body


def test_onos(lab):
    t = Talk(lab)
    t.their_hello()  # ONOS says nothing before
    t.raw(ofp.OFPT_HELLO, bitmap(1, 4, 5, 6), XID_TOP)
    t.raw(ofp.OFPT_FEATURES_REQUEST, xid=XID_TOP - 1)
    features = t.expect(ofp.OFPT_FEATURES_REPLY, XID_TOP - 1)
    assert features.n_buffers == 0 and features.auxiliary_id == 0 and features.capabilities & 0x4f == 0x4f
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_PORT_DESC), XID_TOP - 2)
    ports = t.expect(ofp.OFPT_MULTIPART_REPLY, XID_TOP - 2, ofp.OFPMP_PORT_DESC).body
    assert [p.port_no for p in ports] == [1, 2] and all(p.curr_speed and p.state == ofp.OFPPS_LIVE for p in ports)
    t.c.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_BARRIER_REQUEST, 8, XID_TOP - 3) +
                 struct.pack('!BBHI', 4, ofp.OFPT_GET_CONFIG_REQUEST, 8, XID_TOP - 4))
    t.expect(ofp.OFPT_BARRIER_REPLY, XID_TOP - 3)
    t.expect(ofp.OFPT_GET_CONFIG_REPLY, XID_TOP - 4)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_METER_FEATURES), XID_TOP - 5)
    meters = t.expect(ofp.OFPT_MULTIPART_REPLY, XID_TOP - 5, ofp.OFPMP_METER_FEATURES).body[0]
    assert meters.max_meter > 0
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_DESC), XID_TOP - 6)
    desc = t.expect(ofp.OFPT_MULTIPART_REPLY, XID_TOP - 6, ofp.OFPMP_DESC).body
    for word in (desc.mfr_desc, desc.hw_desc, desc.sw_desc):  # empty ones, or another vendor's, choose another driver
        assert word.strip(b'\0') and b'Nicira' not in word and b'Broadcom' not in word and b'Open vSwitch' not in word
    for xid in (7, 8):  # generation 0, again and again
        t.raw(ofp.OFPT_ROLE_REQUEST, struct.pack('!I4xQ', ofp.OFPCR_ROLE_MASTER, 0), xid)
        assert t.expect(ofp.OFPT_ROLE_REPLY, xid).role == ofp.OFPCR_ROLE_MASTER
    # a batch and its barrier with one xid, as the packet manager orders at the start
    rules = [flow(parser.OFPInstructionActions(ofp.OFPIT_CLEAR_ACTIONS, []), apply(output(ofp.OFPP_CONTROLLER)), priority=40000,
                  cookie=0x10000 + i, flags=ofp.OFPFF_SEND_FLOW_REM, eth_type=e)
             for i, e in enumerate((0x88cc, 0x8942, 0x0806))]
    for r in rules:
        t.say(r, 0x77)
    t.raw(ofp.OFPT_BARRIER_REQUEST, xid=0x77)
    t.expect(ofp.OFPT_BARRIER_REPLY, 0x77)
    t.say(rules[0], 0x78)  # again: replaced, and no FLOW_REMOVED (X16)
    everything = parser.OFPFlowStatsRequest(of.DP, 0, ofp.OFPTT_ALL, of.ANY, of.ANY, 0, 0, of.match())
    t.say(everything, 0x79)
    shown = t.expect(ofp.OFPT_MULTIPART_REPLY, 0x79, ofp.OFPMP_FLOW).body
    assert len(shown) == 3 and {e.cookie for e in shown} == {0x10000, 0x10001, 0x10002}
    for e in shown:
        assert e.instructions[0].type == ofp.OFPIT_APPLY_ACTIONS or e.instructions[1].type == ofp.OFPIT_APPLY_ACTIONS
        assert e.flags == ofp.OFPFF_SEND_FLOW_REM and e.priority == 40000 and e.hard_timeout == 0
    # the poll
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_TABLE), 0x80)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_PORT_STATS, struct.pack('!I4x', of.ANY)), 0x81)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_GROUP, struct.pack('!I4x', ofp.OFPG_ALL)), 0x82)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_GROUP_DESC), 0x83)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_METER, struct.pack('!I4x', ofp.OFPM_ALL)), 0)
    for xid, mp in ((0x80, ofp.OFPMP_TABLE), (0x81, ofp.OFPMP_PORT_STATS), (0x82, ofp.OFPMP_GROUP), (0x83, ofp.OFPMP_GROUP_DESC),
                    (0, ofp.OFPMP_METER)):
        t.expect(ofp.OFPT_MULTIPART_REPLY, xid, mp)
    # link discovery out of port 1
    cable = of.Cable(t.hosts[0])
    lldp = bytes.fromhex('0180c200000e02eb9f000001') + b'\x88\xcc' + bytes(50)
    t.say(of.packet_out(lldp, output(1)), 0x90)
    while True:
        frame = cable.receive()
        assert frame is not None
        if frame[12:14] == b'\x88\xcc':
            break
    cable.send(lldp)
    assert t.expect(ofp.OFPT_PACKET_IN).match['in_port'] == 1
    # a flow that is taken away: cookie with mask 0, flags and time-out filled in
    t.say(flow(command=ofp.OFPFC_DELETE_STRICT, priority=40000, cookie=0x10000, flags=ofp.OFPFF_SEND_FLOW_REM, hard=9,
               eth_type=0x88cc), 0x91)
    gone = t.expect(ofp.OFPT_FLOW_REMOVED)
    assert gone.reason == ofp.OFPRR_DELETE and gone.cookie == 0x10000
    t.silence()


def test_opendaylight(lab):
    t = Talk(lab)
    t.raw(ofp.OFPT_HELLO, bitmap(1, 4), 0x15)  # before ours is read
    t.their_hello()
    t.raw(ofp.OFPT_FEATURES_REQUEST, xid=3)
    t.expect(ofp.OFPT_FEATURES_REPLY, 3)
    t.raw(ofp.OFPT_BARRIER_REQUEST, xid=0)
    t.expect(ofp.OFPT_BARRIER_REPLY, 0)
    t.raw(ofp.OFPT_HELLO, bitmap(1, 4), 0x16)
    t.raw(ofp.OFPT_ROLE_REQUEST, struct.pack('!I4xQ', ofp.OFPCR_ROLE_NOCHANGE, 0), 4)
    role = t.expect(ofp.OFPT_ROLE_REPLY, 4)
    assert role.role == ofp.OFPCR_ROLE_EQUAL and role.generation_id == 2**64 - 1
    t.raw(ofp.OFPT_ROLE_REQUEST, struct.pack('!I4xQ', ofp.OFPCR_ROLE_MASTER, 0), 5)
    assert t.expect(ofp.OFPT_ROLE_REPLY, 5).role == ofp.OFPCR_ROLE_MASTER
    kinds = (ofp.OFPMP_DESC, ofp.OFPMP_METER_FEATURES, ofp.OFPMP_GROUP_FEATURES, ofp.OFPMP_PORT_DESC)
    for i, kind in enumerate(kinds):
        t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(kind), 10 + i)
    for i, kind in enumerate(kinds):
        t.expect(ofp.OFPT_MULTIPART_REPLY, 10 + i, kind)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_TABLE_FEATURES), 20)
    tables = 0
    while True:
        m = t.expect(ofp.OFPT_MULTIPART_REPLY, 20)
        tables += len(m.body)
        if not m.flags & ofp.OFPMPF_REPLY_MORE:
            break
    assert tables == 254
    t.raw(ofp.OFPT_ECHO_REQUEST, b'\0\1\2', 30)
    assert t.expect(ofp.OFPT_ECHO_REPLY, 30).data == b'\0\1\2'
    t.silence()


def test_os_ken(lab):
    t = Talk(lab)
    t.raw(ofp.OFPT_HELLO, version=6)  # no elements, the highest that it knows
    t.their_hello()
    t.raw(ofp.OFPT_FEATURES_REQUEST, xid=2)
    t.expect(ofp.OFPT_FEATURES_REPLY, 2)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_PORT_DESC), 3)
    t.expect(ofp.OFPT_MULTIPART_REPLY, 3, ofp.OFPMP_PORT_DESC)
    # simple_switch_13: the table-miss entry with out_port 0 and out_group 0, then flows with max_len 0xffe5
    t.say(flow(apply(output(ofp.OFPP_CONTROLLER)), priority=0, out_port=0, out_group=0), 4)
    t.say(flow(apply(output(2, 0xffe5)), priority=1, out_port=0, out_group=0, in_port=1, eth_dst='02:00:00:00:00:02',
               eth_src='02:00:00:00:00:01'), 5)
    t.raw(ofp.OFPT_BARRIER_REQUEST, xid=6)
    t.expect(ofp.OFPT_BARRIER_REPLY, 6)
    one, two = of.Cable(t.hosts[0]), of.Cable(t.hosts[1])
    frame = bytes.fromhex('020000000002020000000001') + b'\x88\xb5' + bytes(200)
    two.send(frame)
    m = t.expect(ofp.OFPT_PACKET_IN)
    assert (m.reason, m.match['in_port'], m.buffer_id, m.total_len, bytes(m.data)) == (0, 2, of.NO_BUFFER, len(frame), frame)
    one.send(frame)
    assert two.receive() == frame
    t.say(of.packet_out(frame, output(ofp.OFPP_FLOOD), in_port=1), 7)
    assert two.receive() == frame
    t.say(of.packet_out(frame, output(ofp.OFPP_TABLE), in_port=1), 8)
    assert two.receive() == frame
    t.say(of.packet_out(frame, output(2), in_port=of.ANY), 9)  # Floodlight's in_port (X22)
    assert two.receive() == frame
    t.silence()


def test_faucet(lab):
    t = Talk(lab)
    t.raw(ofp.OFPT_HELLO, bitmap(4))
    t.their_hello()
    t.raw(ofp.OFPT_FEATURES_REQUEST, xid=2)
    t.expect(ofp.OFPT_FEATURES_REPLY, 2)
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_PORT_DESC), 3)
    t.expect(ofp.OFPT_MULTIPART_REPLY, 3, ofp.OFPMP_PORT_DESC)
    nothing = struct.pack('!6I', *[0] * 6)
    for round in range(2):  # a cold start, and another one
        t.raw(ofp.OFPT_SET_CONFIG, struct.pack('!HH', 0, 0), 10)
        t.raw(ofp.OFPT_SET_ASYNC, nothing, 11)
        t.say(flow(command=ofp.OFPFC_DELETE, table=ofp.OFPTT_ALL, priority=0), 12)
        t.say(parser.OFPMeterMod(of.DP, ofp.OFPMC_DELETE, 0, ofp.OFPM_ALL), 13)
        t.say(parser.OFPGroupMod(of.DP, ofp.OFPGC_DELETE, ofp.OFPGT_ALL, ofp.OFPG_ALL), 14)
        for i in range(4):
            t.say(flow(*([parser.OFPInstructionGotoTable(i + 1)] if i < 3 else []), table=i, priority=0), 15)
        t.say(flow(apply(parser.OFPActionPushVlan(), parser.OFPActionSetField(vlan_vid=0x1064)),
                   parser.OFPInstructionGotoTable(1), priority=9000, in_port=1, vlan_vid=0), 16)
        t.say(flow(apply(output(1), parser.OFPActionPopVlan(), output(2), output(1)), table=3, priority=9000,
                   vlan_vid=0x1064), 17)
        for i in range(2000):  # no barrier between them
            t.say(flow(apply(output(2)), table=1, priority=9001, hard=300, eth_src='02:00:00:00:%02x:%02x' % (i >> 8, i & 255)), 18)
        t.raw(ofp.OFPT_SET_ASYNC, struct.pack('!6I', 6, 0, 7, 0, 3, 0), 19)
        t.raw(ofp.OFPT_BARRIER_REQUEST, xid=20)
        t.expect(ofp.OFPT_BARRIER_REPLY, 20)  # and no error
    t.say(parser.OFPAggregateStatsRequest(of.DP, 0, ofp.OFPTT_ALL, of.ANY, of.ANY, 0, 0, of.match()), 21)
    assert t.expect(ofp.OFPT_MULTIPART_REPLY, 21).body.flow_count == 2006
    # PORT_MOD as its test-suite sends it: the peer loses its carrier, the port is reported down to everybody
    port = t.switch.tool('show')
    assert port.returncode == 0
    t.raw(ofp.OFPT_MULTIPART_REQUEST, stats(ofp.OFPMP_PORT_DESC), 22)
    p = t.expect(ofp.OFPT_MULTIPART_REPLY, 22).body[1]
    t.say(parser.OFPPortMod(of.DP, p.port_no, p.hw_addr, ofp.OFPPC_PORT_DOWN, ofp.OFPPC_PORT_DOWN, p.advertised), 23)
    while True:
        m = t.expect(ofp.OFPT_PORT_STATUS)
        assert m.reason == ofp.OFPPR_MODIFY and m.desc.port_no == 2
        if m.desc.state & ofp.OFPPS_LINK_DOWN:
            break


def test_a_blackholed_name_server_blocks_nothing(lab):
    """B09: names are resolved beside the loop."""
    resolv = lab.file('resolv.conf')
    with open(resolv, 'w') as f:
        f.write('nameserver 10.255.255.1\n')
    ns = lab.namespace()
    ns.ip('link', 'add', 'hole', 'type', 'veth', 'peer', 'name', 'hole2')
    ns.ip('addr', 'add', '10.255.255.2/24', 'dev', 'hole')
    ns.ip('link', 'set', 'hole', 'up')
    ns.ip('link', 'set', 'hole2', 'up')
    ns.ip('neigh', 'add', '10.255.255.1', 'lladdr', '02:00:00:00:00:99', 'dev', 'hole')
    rundir = lab.folder()
    process = ns.start('unshare', '-m', 'sh', '-c', 'mount --bind %s /etc/resolv.conf && exec "$@"' % resolv, 'sh',
                       labs.program('rf-switchd'), '--rundir', rundir, '--bridge', 's1', '--dpid', '1', '--no-local', '--workers', '1',
                       '--controller', 'tcp:no.such.name.example', '--max-backoff', '1')

    class S:
        @staticmethod
        def mgmt_path():
            return rundir + '/s1.mgmt'
    labs.eventually(lambda: os.path.exists(S.mgmt_path()), process.text)
    c = of.Client.mgmt(S)
    worst, end = 0, time.monotonic() + 8
    while time.monotonic() < end:
        began = time.monotonic()
        c.barrier()
        worst = max(worst, time.monotonic() - began)
        time.sleep(0.01)
    assert worst < 4.5, worst  # a resolver on the loop takes five seconds and more
    c.close()
