# SPDX-License-Identifier: ISC
"""Real ovs-ofctl -O OpenFlow13 on the management socket."""

import re

from lab import eventually


def lines(text):
    """Flows without what changes by itself."""
    return sorted(re.sub(r'(duration|n_packets|n_bytes|idle_age)=[^,]*, *', '', line).strip()
                  for line in text.splitlines() if 'actions=' in line)


def test_show_names_the_switch_and_its_ports(lab):
    s = lab.net(2)
    text = s.ofctl('show').stdout
    assert 'dpid:0000000000000001' in text
    assert re.search(r'1\(p1\): addr:', text) and re.search(r'2\(p2\): addr:', text)
    assert 'n_tables:254' in text


def test_flows_come_back_as_they_were_given(lab):
    s = lab.net(2, '--fail-mode', 'secure')
    given = ['priority=100,in_port=1,dl_vlan=5,actions=pop_vlan,output:2',
             'cookie=0x1234,table=1,priority=7,tcp6,ipv6_dst=fd00::/64,tp_dst=80,actions=dec_ttl,output:1',
             'table=2,priority=3,arp,arp_tpa=10.0.0.0/8,actions=set_field:02:00:00:00:00:09->eth_src,output:2',
             'idle_timeout=60,hard_timeout=300,send_flow_rem,udp,actions=goto_table:1',
             'table=3,metadata=0x1/0xff,actions=write_metadata:0x7,goto_table:4',
             'priority=0,actions=CONTROLLER:65535']
    for flow in given:
        s.ofctl('add-flow', flow)
    assert len(lines(s.ofctl('dump-flows').stdout)) == len(given)
    first = lines(s.ofctl('dump-flows').stdout)
    s.ofctl('del-flows')
    assert lines(s.ofctl('dump-flows').stdout) == []
    # what dump-flows printed can be given back
    s.ofctl('add-flows', '-', stdin='\n'.join(re.sub(r'^ *', '', line) for line in first))
    assert lines(s.ofctl('dump-flows').stdout) == first


def test_a_thousand_flows_from_a_file(lab):
    s = lab.net(2, '--fail-mode', 'secure')
    path = lab.file('flows')
    with open(path, 'w') as f:
        for i in range(1000):
            f.write('priority=%d,ip,nw_dst=10.%d.%d.0/24,actions=output:2\n' % (1 + i % 9, i // 256, i % 256))
    s.ofctl('add-flows', path)
    assert 'flow_count=1000' in s.ofctl('dump-aggregate').stdout
    s.ofctl('del-flows', 'ip,nw_dst=10.0.0.0/16')
    assert 'flow_count=744' in s.ofctl('dump-aggregate').stdout
    s.ofctl('mod-flows', 'ip,actions=output:1')
    assert s.ofctl('dump-flows').stdout.count('actions=output:1') == 744
    s.ofctl('del-flows', 'priority=1,ip,nw_dst=10.1.8.0/24', options=['--strict'], check=False)


def test_dump_ports_and_their_descriptions(lab):
    s = lab.net(2)
    s.hosts[0].must_reach(s.hosts[1].v4)
    eventually(lambda: re.search(r'port\s+"?(1|p1)"?: rx pkts=[1-9]', s.ofctl('dump-ports').stdout),
               lambda: s.ofctl('dump-ports').stdout)
    assert '2(p2)' in s.ofctl('dump-ports-desc').stdout
    assert re.search(r'rx pkts=', s.ofctl('dump-ports', '2').stdout)


def test_table_features_are_well_formed(lab):
    s = lab.net(1)
    text = s.ofctl('dump-table-features').stdout
    assert 'table 0' in text and 'eth_{src,dst' in text and 'goto_table' in text
    assert 'table 0' in s.ofctl('dump-tables').stdout


def test_packet_out_reaches_the_host(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    b = s.hosts[1]
    frame = b.mac.replace(':', '') + '02000000000188b5' + '77' * 46
    heard = b.start_traffic('sniff', 'eth0', 600)
    s.ofctl('packet-out', 'in_port=CONTROLLER,packet=%s,actions=output:2' % frame)
    eventually(lambda: frame in heard.text(), heard.text)
    heard.stop()


def test_packet_out_to_the_table(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    b = s.hosts[1]
    s.flow('in_port=1,actions=output:2')
    frame = b.mac.replace(':', '') + '02000000000188b5' + '78' * 46
    heard = b.start_traffic('sniff', 'eth0', 600)
    s.ofctl('packet-out', 'in_port=1,packet=%s,actions=TABLE' % frame)
    eventually(lambda: frame in heard.text(), heard.text)
    heard.stop()


def test_monitor_shows_packet_ins(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('priority=0,actions=CONTROLLER:65535')
    m = s.monitor()

    def seen():
        a.traffic('frames', 'eth0', 1, b.mac.replace(':', '') + a.mac.replace(':', '') + '88b5' + '00' * 46)
        return 'OFPT_PACKET_IN' in m.text()
    eventually(seen, m.text)
    assert re.search(r'in_port=(1|"?p1"?)', m.text()) and 'data_len=60' in m.text()


def test_monitor_shows_removed_flows(lab):
    s = lab.net(1, '--fail-mode', 'secure')
    m = s.monitor()
    s.flow('send_flow_rem,hard_timeout=1,cookie=0xabc,in_port=1,actions=drop',
           'send_flow_rem,cookie=0xdef,in_port=2,actions=drop')
    s.ofctl('del-flows', 'in_port=2')
    eventually(lambda: re.search(r'OFPT_FLOW_REMOVED.*\n?.*reason=hard', m.text()) and
               re.search(r'OFPT_FLOW_REMOVED.*\n?.*reason=delete', m.text()), m.text)


def test_idle_flows_go_and_used_ones_stay(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    ping = a.start('ping', '-q', '-i', '0.2', b.v4)
    # an unused one of a longer time goes before one that is used: only a sender that is held up for all of the shorter would undo that
    s.flow('idle_timeout=4,in_port=1,actions=output:2', 'idle_timeout=4,in_port=2,actions=output:1',
           'idle_timeout=5,priority=9,in_port=77,actions=drop')
    eventually(lambda: 'in_port=77' not in s.tool('dump-flows').stdout, 'the idle flow goes')
    assert len(lines(s.tool('dump-flows').stdout)) == 2
    ping.stop()
    eventually(lambda: not lines(s.tool('dump-flows').stdout), 'all flows are idle')


def test_what_is_refused_says_why(lab):
    s = lab.net(1, '--fail-mode', 'secure')
    for flow, why in (('in_port=1,actions=resubmit(,1)', 'OFPBAC_BAD_'),
                      ('table=9,actions=group:5', 'BAD_OUT_GROUP'),
                      ('check_overlap,priority=5,ip,actions=drop', 'OVERLAP')):
        s.flow('priority=5,in_port=1,actions=drop')
        done = s.ofctl('add-flow', flow, check=False)
        assert done.returncode == 1 and 'OFPT_ERROR' in done.stderr and why in done.stderr, (flow, done.stderr)


def test_ping_and_probe_answer(lab):
    s = lab.net(1)
    assert '10 bytes' in s.ofctl('ping', '10').stdout or 'bytes from' in s.ofctl('ping', '10').stdout
    s.ofctl('probe')


def test_mod_table_names_a_table(lab):
    """All 254 tables are written back with their features, one of them with a new name; flows stay."""
    s = lab.net(0, '--fail-mode', 'secure')
    s.ofctl('add-flow', 'table=3,actions=drop')
    s.ofctl('mod-table', '3', 'name:acl')
    assert re.search(r'table 3 \("acl"\)', s.ofctl('dump-table-features').stdout)
    s.ofctl('add-flow', 'table=acl,priority=7,actions=drop')
    assert len(re.findall(r'table=3,', s.ofctl('dump-flows', options=('--no-names',)).stdout)) == 2
