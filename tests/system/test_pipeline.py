# SPDX-License-Identifier: ISC
"""Sections 4 and 5 of OpenFlow 1.3.5, clause by clause: one switch, three hosts, frames looked at byte by byte."""

import lab as labs
import openflow as of
import pytest
from openflow import apply, flow, ofp, output, parser, write
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw

A, B = '02:00:00:00:00:01', '02:00:00:00:00:02'


def frame(number=0, **ip):
    return bytes(Ether(dst=B, src=A) / IP(src='10.0.0.1', dst='10.0.0.2', ttl=64, **ip) / UDP(sport=1000 + number, dport=7) /
                 Raw(b'ringflow' * 4))


@pytest.fixture(scope='module')
def net():
    lab = labs.Lab()
    labs.lab_need('ip')
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    s.cables = {h.number: of.Cable(h) for h in s.hosts}
    s.client = of.Client.mgmt(s)
    yield s
    s.client.close()
    lab.close()


@pytest.fixture
def sw(net):
    """The switch with empty tables and nothing on its way."""
    c = net.client
    c.do(of.flow(command=ofp.OFPFC_DELETE, table=ofp.OFPTT_ALL),
         of.group(ofp.OFPGT_ALL, ofp.OFPG_ALL, command=ofp.OFPGC_DELETE),
         parser.OFPSetConfig(of.DP, ofp.OFPC_FRAG_NORMAL, 128))
    for cable in net.cables.values():
        cable.drain(seconds=0)
    c.unasked.clear()
    return net


def counts(s):
    """{port: (frames received, frames sent)}"""
    return {p.port_no: (p.rx_packets, p.tx_packets) for p in s.client.ask(parser.OFPPortStatsRequest(of.DP, 0, of.ANY))}


def comes_out(s, data, port=1, at=(1, 2, 3)):
    """Sends a frame from host 'port' and returns {host: frames} of what arrives: as many as the switch has sent, once it has done with it."""
    before = counts(s)
    s.cables[port].send(data)
    labs.eventually(lambda: counts(s)[port][0] > before[port][0], 'the frame at the switch')
    s.client.do(flow(table=200))  # a change of tables waits for the worker to put down what it has in hand
    after = counts(s)
    return {p: [s.cables[p].receive() for _ in range(after[p][1] - before[p][1])] + s.cables[p].drain(seconds=0.02) for p in at}


def only(data, *ports):
    return {p: [data] if p in ports else [] for p in (1, 2, 3)}


def test_all_spares_the_ingress_port(sw):
    sw.client.do(flow(apply(output(ofp.OFPP_ALL)), in_port=1))
    assert comes_out(sw, frame()) == only(frame(), 2, 3)


def test_flood_spares_the_ingress_port(sw):
    sw.client.do(flow(apply(output(ofp.OFPP_FLOOD)), in_port=1))
    assert comes_out(sw, frame()) == only(frame(), 2, 3)


def test_in_port_sends_back_and_the_ports_own_number_does_not(sw):
    sw.client.do(flow(apply(output(ofp.OFPP_IN_PORT)), in_port=1), flow(apply(output(2)), in_port=2))
    assert comes_out(sw, frame()) == only(frame(), 1)
    assert comes_out(sw, frame(), port=2) == only(frame())


def test_controller_is_an_ingress_port(sw):
    sw.client.do(flow(apply(output(3)), in_port=ofp.OFPP_CONTROLLER))
    sw.client.do(of.packet_out(frame(), output(ofp.OFPP_TABLE)))
    assert sw.cables[3].receive() == frame()


def test_a_flow_mod_precedes_the_packet_out_behind_it(sw):
    for n in range(20):
        sw.client.do(flow(apply(output(2 + n % 2)), in_port=ofp.OFPP_CONTROLLER),
                     of.packet_out(frame(n), output(ofp.OFPP_TABLE)))
        assert sw.cables[2 + n % 2].receive() == frame(n)


def test_a_table_miss_entry_may_drop(sw):
    sw.client.do(flow(priority=0), flow(apply(output(2)), in_port=2))
    assert comes_out(sw, frame()) == only(frame())
    stats = sw.client.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match()))
    assert [f.packet_count for f in stats if f.priority == 0] == [1]


def test_flows_survive_their_port(sw, request):
    sw.client.do(flow(apply(output(3)), in_port=1, cookie=77))
    sw.ctl('port', 'del', 's1', 'p3')
    assert comes_out(sw, frame(), at=(1, 2)) == {1: [], 2: []}
    stats = sw.client.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 77, 2**64 - 1, of.match()))
    assert [f.instructions[0].actions[0].port for f in stats] == [3]
    sw.ctl('port', 'add', 's1', 'p3', '3')
    labs.eventually(lambda: comes_out(sw, frame(), at=(3,)) == {3: [frame()]}, 'the flow works again')


def test_instructions_execute_in_the_standards_order(sw):
    """The message has them backwards: goto, metadata, write, clear, apply."""
    sw.client.do(flow(parser.OFPInstructionGotoTable(1), parser.OFPInstructionWriteMetadata(5, 0xff), write(output(2)),
                      parser.OFPInstructionActions(ofp.OFPIT_CLEAR_ACTIONS, []),
                      apply(parser.OFPActionSetField(ip_dscp=10)), in_port=1, eth_type=0x0800),
                 flow(apply(output(3)), table=1, metadata=5, eth_type=0x0800, ip_dscp=10))
    changed = bytearray(frame(tos=10 << 2))
    seen = comes_out(sw, frame())
    assert seen[2] == [bytes(changed)] and seen[3] == [bytes(changed)], seen


def test_the_action_set_keeps_the_last_of_each_type(sw):
    sw.client.do(flow(write(output(2), parser.OFPActionSetField(udp_dst=1), parser.OFPActionSetField(udp_src=2)),
                      parser.OFPInstructionGotoTable(1), in_port=1, eth_type=0x0800, ip_proto=17),
                 flow(write(output(3), parser.OFPActionSetField(udp_dst=9)), table=1, eth_type=0x0800, ip_proto=17))
    seen = comes_out(sw, frame())
    assert not seen[1] and not seen[2] and len(seen[3]) == 1
    got = Ether(seen[3][0])[UDP]
    assert (got.sport, got.dport) == (2, 9)


def test_the_action_set_executes_in_its_own_order(sw):
    """Written as output, set-field, push: executed as push, set-field, output."""
    sw.client.do(flow(write(output(2), parser.OFPActionSetField(vlan_vid=0x1000 | 7), parser.OFPActionPushVlan(0x8100)),
                      in_port=1))
    seen = comes_out(sw, frame())
    assert len(seen[2]) == 1, seen
    got = Ether(seen[2][0])
    assert got[Dot1Q].vlan == 7 and seen[2][0][:12] + seen[2][0][16:] == frame()


def test_a_group_in_the_action_set_silences_its_output(sw):
    sw.client.do(of.group(ofp.OFPGT_INDIRECT, 1, of.bucket(output(3))),
                 flow(write(output(2), parser.OFPActionGroup(1)), in_port=1))
    assert comes_out(sw, frame()) == only(frame(), 3)


def test_an_action_set_without_output_drops(sw):
    sw.client.do(flow(write(parser.OFPActionPushVlan(0x8100)), in_port=1))
    assert comes_out(sw, frame()) == only(frame())


def test_a_list_sends_copies_of_the_state_it_has_reached(sw):
    sw.client.do(flow(apply(output(2), parser.OFPActionPushVlan(0x8100), parser.OFPActionSetField(vlan_vid=0x1000 | 9),
                            output(3), parser.OFPActionPopVlan(), parser.OFPActionDecNwTtl(),
                            output(ofp.OFPP_IN_PORT)), in_port=1, eth_type=0x0800))
    seen = comes_out(sw, frame())
    assert seen[2] == [frame()]
    assert Ether(seen[3][0])[Dot1Q].vlan == 9 and len(seen[3]) == 1
    back = Ether(seen[1][0])
    assert len(seen[1]) == 1 and back[IP].ttl == 63
    del back[IP].chksum
    assert bytes(back) == seen[1][0], 'the checksum of the header is right'


def test_vlan_vid_has_its_three_forms(sw):
    """None, any tag, this tag; a priority tag is a tag."""
    sw.client.do(flow(apply(output(2)), priority=1, vlan_vid=0),
                 flow(apply(output(3)), priority=1, vlan_vid=(0x1000, 0x1000)),
                 flow(apply(output(ofp.OFPP_IN_PORT)), priority=2, vlan_vid=0x1000 | 5))

    def tagged(vid):
        return bytes(Ether(dst=B, src=A) / Dot1Q(vlan=vid) / IP(src='10.0.0.1', dst='10.0.0.2') / UDP() / Raw(bytes(30)))
    assert comes_out(sw, frame()) == only(frame(), 2)
    assert comes_out(sw, tagged(0)) == only(tagged(0), 3)
    assert comes_out(sw, tagged(6)) == only(tagged(6), 3)
    assert comes_out(sw, tagged(5)) == only(tagged(5), 1)


def test_full_and_empty_masks_are_no_masks(sw):
    """7.2.3.5: all ones is an exact match, all zeroes none, and stats show them so."""
    sw.client.do(flow(apply(output(2)), in_port=1, eth_dst=(B, 'ff:ff:ff:ff:ff:ff'), eth_src=('00:00:00:00:00:00',) * 2))
    sw.client.do(flow(apply(output(3)), in_port=1, eth_dst=B))  # the same entry
    stats = sw.client.ask(parser.OFPFlowStatsRequest(of.DP, 0, 0, of.ANY, of.ANY, 0, 0, of.match()))
    assert [dict(f.match.items()) for f in stats] == [{'in_port': 1, 'eth_dst': B}]
    assert comes_out(sw, frame()) == only(frame(), 3)


def test_max_len_bounds_the_bytes_of_a_packet_in(sw):
    sw.client.do(flow(apply(output(ofp.OFPP_CONTROLLER, 20)), in_port=1, cookie=0x1234),
                 flow(apply(output(ofp.OFPP_CONTROLLER, ofp.OFPCML_NO_BUFFER)), in_port=2),
                 flow(apply(output(ofp.OFPP_CONTROLLER, 0)), in_port=3))
    for port, want in ((1, 20), (2, len(frame())), (3, 0)):
        sw.cables[port].send(frame())
        m = sw.client.take(ofp.OFPT_PACKET_IN)
        assert (m.total_len, len(m.data), m.match['in_port']) == (len(frame()), want, port)
        assert m.data == frame()[:want] and m.buffer_id == of.NO_BUFFER and m.reason == ofp.OFPR_ACTION


def test_a_packet_in_names_its_entry(sw):
    sw.client.do(flow(parser.OFPInstructionWriteMetadata(0xabc, 0xfff), parser.OFPInstructionGotoTable(3), in_port=1),
                 flow(apply(output(ofp.OFPP_CONTROLLER)), table=3, cookie=0x77, priority=5),
                 flow(apply(output(ofp.OFPP_CONTROLLER)), priority=0, cookie=0x88))
    sw.cables[1].send(frame())
    m = sw.client.take(ofp.OFPT_PACKET_IN)
    assert (m.cookie, m.table_id, m.reason, m.match['metadata']) == (0x77, 3, ofp.OFPR_ACTION, 0xabc)
    sw.cables[2].send(frame())
    m = sw.client.take(ofp.OFPT_PACKET_IN)
    assert (m.cookie, m.table_id, m.reason) == (0x88, 0, ofp.OFPR_NO_MATCH) and 'metadata' not in m.match
    sw.client.do(of.packet_out(frame(), output(ofp.OFPP_CONTROLLER)))
    m = sw.client.take(ofp.OFPT_PACKET_IN)
    assert (m.cookie, m.reason) == (2**64 - 1, ofp.OFPR_ACTION)


def test_an_empty_match_of_another_priority_is_no_table_miss(sw):
    sw.client.do(flow(apply(output(ofp.OFPP_CONTROLLER)), priority=1))
    sw.cables[1].send(frame())
    assert sw.client.take(ofp.OFPT_PACKET_IN).reason == ofp.OFPR_ACTION


def test_an_expired_ttl_obeys_miss_send_len(sw):
    """7.3.2: bytes of packet-ins that no output action ordered.  INVALID_TTL is off in the default masks: asked for here."""
    everything = [7, 7]
    sw.client.do(parser.OFPSetAsync(of.DP, everything, [7, 7], [15, 15]),
                 flow(apply(parser.OFPActionDecNwTtl(), output(2)), in_port=1, eth_type=0x0800))
    dying = bytes(Ether(dst=B, src=A) / IP(src='10.0.0.1', dst='10.0.0.2', ttl=1) / UDP() / Raw(bytes(100)))
    for limit, want in ((60, 60), (ofp.OFPCML_NO_BUFFER, len(dying))):
        sw.client.do(parser.OFPSetConfig(of.DP, 0, limit))
        sw.cables[1].send(dying)
        m = sw.client.take(ofp.OFPT_PACKET_IN)
        assert (m.reason, len(m.data), m.total_len) == (ofp.OFPR_INVALID_TTL, want, len(dying))
    assert sw.cables[2].receive(0.2) is None, 'it is not forwarded'


def test_entries_match_what_earlier_tables_made_of_the_packet(sw):
    sw.client.do(flow(apply(parser.OFPActionSetField(ipv4_dst='10.9.9.9')), parser.OFPInstructionGotoTable(1), in_port=1,
                      eth_type=0x0800),
                 flow(apply(output(2)), table=1, eth_type=0x0800, ipv4_dst='10.9.9.9'),
                 flow(apply(output(3)), table=1, eth_type=0x0800, ipv4_dst='10.0.0.2'))
    seen = comes_out(sw, frame())
    assert not seen[3] and Ether(seen[2][0])[IP].dst == '10.9.9.9'
