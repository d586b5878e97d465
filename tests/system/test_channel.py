# SPDX-License-Identifier: ISC
"""Section 6 of OpenFlow 1.3.5, clause by clause: hellos, echoes, barriers, roles, masks of asynchronous messages."""

import os
import struct
import time

import lab as labs
import openflow as of
import pytest
from openflow import apply, flow, ofp, output, parser

PORT = 6654


@pytest.fixture(scope='module')
def net():
    lab = labs.Lab()
    s = lab.net(2, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT, quiet=True)
    s.cables = {h.number: of.Cable(h) for h in s.hosts}
    yield s
    lab.close()


@pytest.fixture
def join(net):
    """A function that brings one more controller; all leave at the end and the tables are empty at the start."""
    clients = []

    def make(**how):
        clients.append(labs_client(net, **how))
        return clients[-1]
    first = of.Client.mgmt(net)
    first.do(flow(command=ofp.OFPFC_DELETE, table=ofp.OFPTT_ALL))
    first.close()
    yield make
    for c in clients:
        c.close()


def labs_client(net, **how):
    return of.Client.connect(net, PORT, **how)


def role(c, what, generation=0):
    return c.ask(parser.OFPRoleRequest(of.DP, what, generation))


def next_generation(c):
    """One that is newer than all before."""
    reply = role(c, ofp.OFPCR_ROLE_NOCHANGE)
    return 0 if reply.generation_id == 2**64 - 1 else (reply.generation_id + 1) % 2**64


def hello(version=4, elements=b''):
    return struct.pack('!BBHI', version, 0, 8 + len(elements), 7) + elements


def bitmap(*versions, pad=0):
    return struct.pack('!HHI', 1, 8, sum(1 << v for v in versions)) + bytes(pad)


# ---- 6.3.2 ----

def test_the_switch_says_hello_first(net, join):
    c = join(hello=False)
    raw = c.next_raw()
    assert raw[:2] == b'\x04\x00' and raw[8:16] == struct.pack('!HHI', 1, 8, 1 << 4), raw.hex()


@pytest.mark.parametrize('mine', [
    hello(), hello(5), hello(6), hello(4, bitmap(4)), hello(6, bitmap(1, 4, 5, 6)), hello(1, bitmap(1, 4)),
    hello(4, struct.pack('!HH', 99, 7) + b'abc\0' + bitmap(4)), hello(4, b'\0\2\0\4\0\0\0\0'),
], ids=['bare', '1.4', '1.5', 'bitmap', 'onos', 'low-header', 'unknown-element', 'unknown-short'])
def test_a_version_in_common_is_found(net, join, mine):
    c = join(hello=False)
    assert c.next().msg_type == ofp.OFPT_HELLO
    c.send_raw(mine)
    reply = c.ask(parser.OFPFeaturesRequest(of.DP))
    assert reply.datapath_id == 1 and reply.n_tables == 254


@pytest.mark.parametrize('mine', [hello(1), hello(3), hello(5, bitmap(1, 5)), hello(4, bitmap(6))],
                         ids=['1.0', '1.2', 'bitmap-without', 'bitmap-1.5'])
def test_without_a_version_in_common_it_says_so_and_closes(net, join, mine):
    c = join(hello=False)
    assert c.next().msg_type == ofp.OFPT_HELLO
    c.send_raw(mine)
    m = c.next_raw()
    assert m is not None and m[1] == ofp.OFPT_ERROR and m[8:12] == bytes(4), m
    assert c.next_raw() is None and c.closed


def test_messages_before_the_hello_end_the_connection(net, join):
    c = join(hello=False)
    c.next()
    c.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_FEATURES_REQUEST, 8, 9))
    while True:
        raw = c.next_raw()
        if raw is None:
            break
        assert raw[1] == ofp.OFPT_ERROR
    assert c.closed


# ---- 6.1.3, 6.2, 7.1, 7.3.8, 7.5.2 ----

@pytest.mark.parametrize('size', [0, 1, 7, 1000, 65527])
def test_an_echo_brings_its_data_back(net, join, size):
    c = join()
    data = os.urandom(size)
    c.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_ECHO_REQUEST, 8 + size, 0xfeedf00d) + data)
    raw = c.next_raw()
    assert raw == struct.pack('!BBHI', 4, ofp.OFPT_ECHO_REPLY, 8 + size, 0xfeedf00d) + data


def test_every_request_has_its_reply_in_order(net, join):
    """500 requests in one write, of five kinds: none is lost, none overtakes another."""
    c = join()
    kinds = [parser.OFPBarrierRequest, parser.OFPGetConfigRequest, parser.OFPFeaturesRequest,
             lambda dp: parser.OFPDescStatsRequest(dp, 0), lambda dp: parser.OFPTableStatsRequest(dp, 0)]
    data, xids = b'', []
    for n in range(500):
        m = kinds[n % len(kinds)](of.DP)
        m.set_xid(0x5000 + n)
        m.serialize()
        xids.append(0x5000 + n)
        data += bytes(m.buf)
    c.send_raw(data)
    came = []
    while len(set(came)) < len(xids):
        came.append(c.next().xid)
    assert list(dict.fromkeys(came)) == xids


def test_errors_precede_the_barrier_behind_them(net, join):
    c = join()
    for _ in range(50):
        bad = c.send(flow(apply(output(0)), in_port=1))
        good = c.send(parser.OFPBarrierRequest(of.DP))
        assert [c.next().xid, c.next().xid] == [bad, good]


def test_a_barrier_is_true_for_frames(net, join):
    """The frame that is sent after the barrier's reply meets the flow that was sent before it, 200 times."""
    c = join()
    mac = '02:00:00:00:00:02'
    for n in range(200):
        c.do(flow(apply(parser.OFPActionSetField(eth_src='02:00:00:00:%02x:%02x' % divmod(n, 256)), output(2)), in_port=1))
        net.cables[1].send(bytes.fromhex(mac.replace(':', '') + '020000000001' + '88b5') + bytes(46))
        got = net.cables[2].receive()
        assert got[6:12] == bytes.fromhex('02000000%04x' % n), (n, got.hex())


def test_padding_is_ignored(net, join):
    """7.1.1: what is in pad bytes does not matter; what is sent there is zero."""
    c = join()
    m = flow(apply(output(2)), in_port=1)
    m.set_xid(1)
    m.serialize()
    raw = bytearray(m.buf)
    assert raw[46:48] == b'\0\0' and raw[-6:] == bytes(6) and raw[60:64] == bytes(4)
    raw[46:48], raw[-6:], raw[60:64] = b'\xaa\xbb', b'sixsix', b'four'
    c.send_raw(bytes(raw))
    c.barrier()
    xid = c.send(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match()))
    reply = c.wait(lambda m: m.xid == xid)
    assert len(reply.body) == 1 and reply.raw[16 + 3] == 0 and reply.raw[-6:] == bytes(6), reply.raw.hex()


def test_the_configuration_is_read_back(net, join):
    c = join()
    for flags, size in ((ofp.OFPC_FRAG_DROP, 77), (ofp.OFPC_FRAG_NORMAL, 128)):
        c.do(parser.OFPSetConfig(of.DP, flags, size))
        reply = c.ask(parser.OFPGetConfigRequest(of.DP))
        assert (reply.flags, reply.miss_send_len) == (flags, size)


def test_durations_run(net, join):
    c = join()
    c.do(flow(apply(output(2)), in_port=1))

    def times():
        f = c.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match()))[0]
        p = c.ask(parser.OFPPortStatsRequest(of.DP, 0, 1))[0]
        assert max(f.duration_nsec, p.duration_nsec) < 10**9
        return f.duration_sec * 10**9 + f.duration_nsec, p.duration_sec * 10**9 + p.duration_nsec
    begin = time.monotonic_ns()
    before = times()
    time.sleep(0.3)
    after, passed = times(), time.monotonic_ns() - begin
    for a, b in zip(before, after):
        assert 0.25e9 <= b - a <= passed + 0.05e9


# ---- 6.3.6 ----

def test_a_new_controller_is_equal_and_has_the_default_masks(net, join):
    c = join()
    assert role(c, ofp.OFPCR_ROLE_NOCHANGE).role == ofp.OFPCR_ROLE_EQUAL
    a = c.ask(parser.OFPGetAsyncRequest(of.DP))
    assert a.packet_in_mask[0] & 3 == 3 and a.packet_in_mask[1] == 0, a
    assert a.port_status_mask == [7, 7] or tuple(a.port_status_mask) == (7, 7), a
    assert a.flow_removed_mask[0] == 15 and a.flow_removed_mask[1] == 0, a


def test_one_master_at_a_time(net, join):
    a, b = join(), join()
    generation = next_generation(a)
    assert role(a, ofp.OFPCR_ROLE_MASTER, generation).role == ofp.OFPCR_ROLE_MASTER
    assert role(b, ofp.OFPCR_ROLE_NOCHANGE).role == ofp.OFPCR_ROLE_EQUAL, 'an equal stays what it is'
    assert role(b, ofp.OFPCR_ROLE_MASTER, generation + 1).role == ofp.OFPCR_ROLE_MASTER
    reply = role(a, ofp.OFPCR_ROLE_NOCHANGE)
    assert (reply.role, reply.generation_id) == (ofp.OFPCR_ROLE_SLAVE, generation + 1)
    assert not a.unasked, 'nothing is sent unasked'
    b.close()
    assert role(a, ofp.OFPCR_ROLE_NOCHANGE).role == ofp.OFPCR_ROLE_SLAVE, 'the switch promotes nobody'


def test_an_old_generation_is_stale(net, join):
    c = join()
    generation = next_generation(c)
    role(c, ofp.OFPCR_ROLE_SLAVE, generation)
    for old in (generation - 1, generation - 2**63 + 1):
        with pytest.raises(of.Refused) as e:
            role(c, ofp.OFPCR_ROLE_MASTER, old % 2**64)
        assert (e.value.type, e.value.code) == (ofp.OFPET_ROLE_REQUEST_FAILED, ofp.OFPRRFC_STALE)
    assert role(c, ofp.OFPCR_ROLE_NOCHANGE).role == ofp.OFPCR_ROLE_SLAVE
    assert role(c, ofp.OFPCR_ROLE_EQUAL, 0).role == ofp.OFPCR_ROLE_EQUAL, 'equal needs no generation'
    c.close()
    again = join()
    with pytest.raises(of.Refused):  # it outlives the connection
        role(again, ofp.OFPCR_ROLE_MASTER, (generation - 1) % 2**64)


def test_a_slave_reads_but_does_not_write(net, join):
    c = join()
    role(c, ofp.OFPCR_ROLE_SLAVE, next_generation(c))
    port = c.ask(parser.OFPPortDescStatsRequest(of.DP, 0))[0]
    for m in (flow(apply(output(2)), in_port=1), of.group(ofp.OFPGT_ALL, 1), of.packet_out(bytes(60), output(1)),
              parser.OFPMeterMod(of.DP, ofp.OFPMC_ADD, ofp.OFPMF_KBPS, 1, [parser.OFPMeterBandDrop(1000, 0)]),
              parser.OFPPortMod(of.DP, 1, port.hw_addr, 0, 0, 0), parser.OFPTableMod(of.DP, 0, 3)):
        with pytest.raises(of.Refused) as e:
            c.do(m)
        assert (e.value.type, e.value.code) == (ofp.OFPET_BAD_REQUEST, ofp.OFPBRC_IS_SLAVE), m
    assert c.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match())) == []
    assert len(c.ask(parser.OFPPortStatsRequest(of.DP, 0, of.ANY))) == 2


def test_a_slave_hears_of_ports_alone(net, join):
    slave, equal = join(), join()
    role(slave, ofp.OFPCR_ROLE_SLAVE, next_generation(slave))
    equal.do(flow(apply(output(ofp.OFPP_CONTROLLER)), in_port=1, flags=ofp.OFPFF_SEND_FLOW_REM))
    net.cables[1].send(bytes.fromhex('02000000000202000000000188b5') + bytes(46))
    equal.take(ofp.OFPT_PACKET_IN)
    equal.do(flow(command=ofp.OFPFC_DELETE))
    equal.take(ofp.OFPT_FLOW_REMOVED)
    net.hosts[1].ip('link', 'set', 'eth0', 'down')
    assert slave.take(ofp.OFPT_PORT_STATUS).desc.port_no == 2
    net.hosts[1].ip('link', 'set', 'eth0', 'up')
    net.links_up('p2')  # so that no later test hears of it
    slave.quiet(ofp.OFPT_PACKET_IN)
    slave.quiet(ofp.OFPT_FLOW_REMOVED)


def test_masks_are_kept_and_obeyed_by_connection(net, join):
    a, b = join(), join()
    a.do(parser.OFPSetAsync(of.DP, [1, 2], [3, 4], [5, 6]))
    reply = a.ask(parser.OFPGetAsyncRequest(of.DP))
    assert [list(m) for m in (reply.packet_in_mask, reply.port_status_mask, reply.flow_removed_mask)] == [
        [1, 2], [3, 4], [5, 6]]
    b.do(flow(apply(output(ofp.OFPP_CONTROLLER)), in_port=1, flags=ofp.OFPFF_SEND_FLOW_REM))
    net.cables[1].send(bytes.fromhex('02000000000202000000000188b5') + bytes(46))
    assert b.take(ofp.OFPT_PACKET_IN).reason == ofp.OFPR_ACTION
    a.quiet(ofp.OFPT_PACKET_IN)  # a wants NO_MATCH alone
    b.do(flow(command=ofp.OFPFC_DELETE))
    a.take(ofp.OFPT_FLOW_REMOVED)
    b.take(ofp.OFPT_FLOW_REMOVED)
    a.close()
    assert join().ask(parser.OFPGetAsyncRequest(of.DP)).packet_in_mask[0] & 3 == 3, 'a new connection has the defaults'


def test_replies_and_errors_go_to_who_asked(net, join):
    a, b = join(), join()
    with pytest.raises(of.Refused):
        a.do(flow(apply(output(0)), in_port=1))
    assert a.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match())) == []
    b.quiet()


def test_no_state_change_is_kept_from_a_slow_controller(net, join):
    """5,000 flows go while the controller does not read: it hears of each."""
    n = 5000
    c = join()
    for i in range(0, n, 500):
        c.do(*[flow(priority=i + k + 1, flags=ofp.OFPFF_SEND_FLOW_REM, in_port=9) for k in range(500)])
    c.send(flow(command=ofp.OFPFC_DELETE))
    time.sleep(0.5)
    heard = {c.take(ofp.OFPT_FLOW_REMOVED).priority for _ in range(n)}
    assert heard == set(range(1, n + 1))


def test_flows_expire_without_a_controller(net, join):
    """6.3.3, fail secure."""
    c = join()
    c.do(flow(apply(output(2)), in_port=1, hard=1, priority=7), flow(apply(output(2)), in_port=1, priority=6))
    c.close()
    labs.eventually(lambda: not net.connected(), 'the controller is gone')
    labs.eventually(lambda: 'priority=7' not in net.tool('dump-flows').stdout, lambda: net.tool('dump-flows').stdout)
    assert 'priority=6' in net.tool('dump-flows').stdout
