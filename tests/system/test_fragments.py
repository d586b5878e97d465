# SPDX-License-Identifier: ISC
"""OFPC_FRAG_* (7.3.2): fragments as they are, dropped, or put together before the tables."""

import openflow as of
import pytest
from lab import eventually
from openflow import apply, flow, ofp, output, parser
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw

A, B = '02:00:00:00:00:01', '02:00:00:00:00:02'
HEAD = Ether(dst=B, src=A)


def v4(ident=7, size=4000, dport=7):
    p = IP(src='10.0.0.1', dst='10.0.0.2', id=ident, flags=0) / UDP(sport=1, dport=dport) / Raw(bytes(i & 255 for i in range(size)))
    p = IP(bytes(p))
    return bytes(HEAD / p), [bytes(HEAD / f) for f in fragment(p, fragsize=1400)]


def v6(ident=7, size=4000, dport=7):
    base = IPv6(src='fd00::1', dst='fd00::2')
    whole = IPv6(bytes(base / UDP(sport=1, dport=dport) / Raw(bytes(i & 255 for i in range(size)))))
    payload = bytes(whole)[40:]
    parts = [bytes(HEAD / base / IPv6ExtHdrFragment(id=ident, nh=17, offset=at // 8, m=int(at + 1400 < len(payload))) /
                   Raw(payload[at:at + 1400])) for at in range(0, len(payload), 1400)]
    return bytes(HEAD / whole), parts


@pytest.fixture(params=[1, 2], ids=['1worker', '2workers'])
def net(lab, request):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True, workers=request.param)
    s.cables = {h.number: of.Cable(h) for h in s.hosts}
    s.client = of.Client.mgmt(s)
    return s


def set_frags(s, flags):
    s.client.do(parser.OFPSetConfig(of.DP, flags, 128))


def only_port_7(s):
    s.client.do(flow(apply(output(2)), eth_type=0x0800, ip_proto=17, udp_dst=7, in_port=1),
                flow(apply(output(2)), eth_type=0x86dd, ip_proto=17, udp_dst=7, in_port=1))


@pytest.mark.parametrize('make', [v4, v6])
def test_reassembled_datagrams_meet_the_tables_whole(net, make):
    """Only a whole datagram has a port in all its bytes: the flow takes it, and it leaves as it came."""
    set_frags(net, ofp.OFPC_FRAG_REASM)
    assert net.client.ask(parser.OFPGetConfigRequest(of.DP)).flags == ofp.OFPC_FRAG_REASM
    only_port_7(net)
    for turn in range(5):
        _, parts = make(100 + turn)
        net.cables[1].send(*(parts if turn % 2 else reversed(parts)))
        assert [net.cables[2].receive() for _ in parts] == parts, turn
    net.cables[1].send(*make(200, dport=8)[1])
    assert net.cables[2].receive(0.3) is None

    def counted():
        stats = net.client.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match()))
        return sum(f.packet_count for f in stats)
    eventually(lambda: net.drops().get('no-match'), net.drops)
    assert counted() == 5, 'five datagrams, not their fragments'


@pytest.mark.parametrize('make', [v4, v6])
def test_the_controller_gets_the_whole_datagram(net, make):
    set_frags(net, ofp.OFPC_FRAG_REASM)
    net.client.do(flow(apply(output(ofp.OFPP_CONTROLLER)), in_port=1))
    whole, parts = make()
    net.cables[1].send(*parts)
    m = net.client.take(ofp.OFPT_PACKET_IN)
    assert m.total_len == len(whole) and m.data == whole


def test_rewriting_a_reassembled_datagram_keeps_its_checksums(net):
    set_frags(net, ofp.OFPC_FRAG_REASM)
    net.client.do(flow(apply(parser.OFPActionSetField(udp_dst=99), parser.OFPActionSetField(ipv4_dst='10.9.9.9'), output(2)),
                       in_port=1, eth_type=0x0800, ip_proto=17))
    whole, parts = v4()
    net.cables[1].send(*parts)
    got = [Ether(net.cables[2].receive())[IP] for _ in parts]
    data = b''.join(bytes(f.payload) for f in got)
    rebuilt = IP(src='10.0.0.1', dst='10.9.9.9', id=7) / UDP(sport=1, dport=99) / Raw(whole[42:])
    assert data == bytes(IP(bytes(rebuilt)).payload) and all(f.dst == '10.9.9.9' for f in got)


def test_a_fragment_that_waits_in_vain_is_counted(net):
    set_frags(net, ofp.OFPC_FRAG_REASM)
    only_port_7(net)
    _, parts = v4()
    net.cables[1].send(parts[0], parts[1], parts[1])
    bad = bytearray(parts[1])
    bad[14 + 6:14 + 8] = (0x2000 | 172).to_bytes(2, 'big')
    net.cables[1].send(bytes(bad), parts[2])
    eventually(lambda: net.drops().get('fragment-duplicate') == 1 and net.drops().get('fragment-overlap', 0) >= 3, net.drops)
    assert net.cables[2].receive(0.1) is None


def test_fragments_are_dropped_or_passed_as_they_are(net):
    net.client.do(flow(apply(output(2)), in_port=1))
    whole, parts = v4(size=2000)
    set_frags(net, ofp.OFPC_FRAG_DROP)
    net.cables[1].send(*parts)
    eventually(lambda: net.drops().get('fragment') == len(parts), net.drops)
    assert net.cables[2].receive(0.1) is None
    set_frags(net, ofp.OFPC_FRAG_NORMAL)
    net.cables[1].send(*parts)
    assert [net.cables[2].receive() for _ in parts] == parts


def test_hosts_send_large_datagrams_through_reassembly(lab):
    s = lab.net(2, '--fail-mode', 'standalone')
    c = of.Client.mgmt(s)
    c.do(parser.OFPSetConfig(of.DP, ofp.OFPC_FRAG_REASM, 128))
    a, b = s.hosts
    for address in (b.v4, b.v6):
        a.must_reach(address)
        done = a.sh('ping', '-q', '-c', 3, '-i', '0.1', '-s', 60000, '-w', 60, address)
        assert '3 received' in done.stdout, done.stdout
    assert s.drops().get('fragment-reassembled', 0) > 100
