# SPDX-License-Identifier: ISC
"""Tens of thousands of flows that go, or are told of, at once: what a turn of the control loop has no time for goes on in the next one,
while frames and everybody else go on too."""

import collections
import struct

import pytest
from lab import Switch, eventually
from openflow import Client, DP, flow, ofp, parser
from test_order import received

N = 50000
PORT = 6654
FLOW_REM = ofp.OFPFF_SEND_FLOW_REM


@pytest.fixture
def sw(lab):
    return Switch(lab, lab.namespace(), '--listen', 'ptcp:%d' % PORT)


def fill(switch, table, more='', n=N, actions='drop'):
    switch.tool('add-flows', '-', stdin=''.join(
        'table=%d,%spriority=7,cookie=%d,ip,nw_dst=10.%d.%d.%d,actions=%s\n' % (
            table, more, i, i >> 16, i >> 8 & 255, i & 255, actions) for i in range(n)))


def raw(msg, xid):
    msg.set_xid(xid)
    msg.serialize()
    return bytes(msg.buf)


def flow_count(client, table=ofp.OFPTT_ALL):
    request = parser.OFPAggregateStatsRequest(DP, 0, table, ofp.OFPP_ANY, ofp.OFPG_ANY, 0, 0, parser.OFPMatch())
    return client.ask(request).flow_count


def delete(table=ofp.OFPTT_ALL, **how):
    return flow(table=table, command=ofp.OFPFC_DELETE, **how)


def removed_until(client, xid):
    """Counts the cookies of flow-removed messages that come before the reply with 'xid'."""
    cookies = collections.Counter()
    while True:
        msg = client.next_raw()
        assert msg is not None, 'no reply; %d flow-removed messages came' % sum(cookies.values())
        if struct.unpack_from('!I', msg, 4)[0] == xid:
            assert msg[1] == ofp.OFPT_BARRIER_REPLY, msg.hex()
            return cookies
        if msg[1] == ofp.OFPT_FLOW_REMOVED:
            cookies[struct.unpack_from('!Q', msg, 8)[0]] += 1


@pytest.mark.parametrize('which', ['all', 'some'])
def test_frames_pass_a_bulk_delete(lab, which):
    """Table 1 loses its flows; every frame that table 0 forwards arrives."""
    net = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = net.hosts
    net.flow('table=0,priority=9,in_port=1,actions=output:2', 'table=0,priority=9,in_port=2,actions=output:1')
    fill(net, 1)
    a.must_reach(b.v4)
    before, count = net.ports()['2']['tx'], 2500
    sink = b.start_traffic('order', 5000, count)
    sender = a.start_traffic_later('steady', b.v4, 5000, count, 500)
    eventually(lambda: net.ports()['2']['tx'] > before + 100, 'frames flow')
    net.tool('del-flows', 'table=1' if which == 'all' else 'table=1,cookie=0/1')
    left = net.tool('dump-aggregate', 'table=1').stdout
    assert ('flow_count=0' if which == 'all' else 'flow_count=%d' % (N // 2)) in left
    sender.wait()
    assert received(sink) == {'received': count, 'late': 0, 'twice': 0, 'missing': 0}


def test_a_barrier_waits_for_the_whole_delete_and_nobody_else_does(sw):
    """The one that deletes does not read; others see the flows gone, and add new ones, before it has heard of the first."""
    fill(sw, 0, 'send_flow_rem,')
    one, other = Client.connect(sw, PORT), Client.connect(sw, PORT)
    other.do(parser.OFPSetAsync(DP, [0, 0], [0, 0], [0, 0]))
    one.send_raw(raw(delete(), 77) + raw(parser.OFPBarrierRequest(DP), 78))
    eventually(lambda: flow_count(other) == 0, 'the flows go')
    other.do(flow(table=0, cookie=N, eth_type=0x800, ipv4_dst='10.0.0.5', priority=7),
             flow(table=0, cookie=N + 1, priority=1))
    assert flow_count(other) == 2
    cookies = removed_until(one, 78)
    assert len(cookies) == N and set(cookies.values()) == {1}
    assert flow_count(one) == 2 and flow_count(other) == 2


def test_a_second_bulk_delete_waits_its_turn(sw):
    """Two connections delete at once, and each barrier holds for its own."""
    fill(sw, 0, 'send_flow_rem,')
    fill(sw, 1, 'send_flow_rem,')
    one, other = Client.connect(sw, PORT), Client.connect(sw, PORT)
    one.send_raw(raw(delete(0), 77) + raw(parser.OFPBarrierRequest(DP), 78))
    other.send_raw(raw(delete(1, cookie=1, cookie_mask=1), 87) + raw(parser.OFPBarrierRequest(DP), 88))
    seen = removed_until(one, 78)
    assert all(seen[i] >= 1 for i in range(N))
    removed_until(other, 88)
    assert flow_count(one, 1) == N // 2


@pytest.mark.parametrize('which', ['group', 'meter'])
def test_what_names_a_group_or_a_meter_goes_before_it_and_others_are_served(sw, which):
    """Who deletes it does not read; others look on, and what they add waits until it has gone."""
    if which == 'group':
        sw.tool('add-group', 'group_id=1,type=all,bucket=actions=drop')
        gone = parser.OFPGroupMod(DP, ofp.OFPGC_DELETE, ofp.OFPGT_ALL, 1)
    else:
        sw.tool('add-meter', 'meter=1,kbps,band=type=drop,rate=1000')
        gone = parser.OFPMeterMod(DP, ofp.OFPMC_DELETE, ofp.OFPMF_KBPS, 1)
    fill(sw, 0, 'send_flow_rem,', actions='group:1' if which == 'group' else 'meter:1')
    one, other = Client.connect(sw, PORT), Client.connect(sw, PORT)
    other.do(parser.OFPSetAsync(DP, [0, 0], [0, 0], [0, 0]))
    one.send_raw(raw(gone, 77) + raw(parser.OFPBarrierRequest(DP), 78))
    eventually(lambda: flow_count(other) == 0, 'the flows go')
    other.do(flow(table=0, cookie=N, eth_type=0x800, ipv4_dst='10.0.0.5', priority=7))
    assert flow_count(other) == 1
    assert 'type=' not in sw.tool('dump-groups').stdout and 'rate=' not in sw.tool('dump-meters').stdout
    cookies = removed_until(one, 78)
    assert len(cookies) == N and set(cookies.values()) == {1}
    assert flow_count(one) == 1


def test_the_one_that_deletes_may_go(sw):
    """The delete goes on without its connection."""
    fill(sw, 0)
    one, other = Client.connect(sw, PORT), Client.connect(sw, PORT)
    one.send_raw(raw(delete(0, cookie=1, cookie_mask=1), 77))
    one.close()
    eventually(lambda: flow_count(other) == N // 2, 'half of them go')
    other.do(delete())
    assert flow_count(other) == 0


def test_a_dump_has_each_flow_that_stays_once(sw):
    """Others come, go and are replaced while it is read."""
    fill(sw, 0)
    reader, other = Client.connect(sw, PORT), Client.connect(sw, PORT)
    reader.send_raw(raw(parser.OFPFlowStatsRequest(DP, 0, ofp.OFPTT_ALL, ofp.OFPP_ANY, ofp.OFPG_ANY, 0, 0,
                                                   parser.OFPMatch()), 99))
    cookies, more, turn = collections.Counter(), True, 0
    while more:
        msg = reader.next_raw()
        assert msg and struct.unpack_from('!I', msg, 4)[0] == 99, msg
        more = struct.unpack_from('!H', msg, 10)[0] & ofp.OFPMPF_REPLY_MORE
        at = 16
        while at < len(msg):
            cookies[struct.unpack_from('!Q', msg, at + 24)[0]] += 1
            at += struct.unpack_from('!H', msg, at)[0]
        turn += 1
        if turn % 4 == 0:
            gone = N - 1 - turn  # it has not been told of, or has: its number may or may not come
            other.do(flow(table=0, priority=7, command=ofp.OFPFC_DELETE_STRICT, eth_type=0x800,
                          ipv4_dst='10.%d.%d.%d' % (gone >> 16, gone >> 8 & 255, gone & 255)),
                     flow(table=0, priority=8, cookie=N + turn, eth_type=0x800, ipv4_dst='10.9.9.%d' % (turn % 256)))
    kept = [i for i in range(N) if not (i >= N - 1 - turn and (N - 1 - i) % 4 == 0)]
    assert all(cookies[i] == 1 for i in kept)
    assert max(cookies.values()) == 1


def test_the_loop_is_measured(sw):
    loop = sw.ctl_json('status')['loop']
    assert loop['turns'] > 0 and loop['turn_us'] > 0 and loop['sections'] > 0
    fill(sw, 0, n=5000)
    more = sw.ctl_json('status')['loop']
    assert more['turns'] > loop['turns'] and more['turn_us'] >= loop['turn_us'] and more['sections'] > loop['sections']
    sw.ctl('loop', 'reset')
    assert sw.ctl_json('status')['loop']['turns'] < more['turns']
    assert 'longest turn' in sw.ctl('status').stdout
