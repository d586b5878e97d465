# SPDX-License-Identifier: ISC
"""TCP keeps flowing, and its checksums stay right, whatever the egress offers: TAPs of other programs, shaped interfaces, two tags."""

import re

import lab as labs
import pytest
from test_order import lost_on_cables


def tcp_is_right(a, b, size='10M', families=('v4', 'v6')):
    for family in families:
        address = getattr(b, family)
        a.must_reach(address)
        before = a.counter('TcpInCsumErrors'), b.counter('TcpInCsumErrors')
        a.tcp(b, address, size)
        a.tcp(b, address, size, more=['-R'])
        assert (a.counter('TcpInCsumErrors'), b.counter('TcpInCsumErrors')) == before


class TapHost(labs.Namespace):
    """A host whose cable is a program that copies between two TAP devices: 'pN' of the switch's namespace and its own eth0."""

    def __init__(self, lab, switch_ns, number, offloads):
        super().__init__(lab, '%s-h%d' % (lab.id, number))
        self.number, self.port = number, 'p%d' % number
        self.v4, self.v6 = '10.0.0.%d' % number, 'fd00::%d' % number
        self.wire = labs.Process(lab, (labs.sys.executable, '-B', '-u', labs.os.path.join(labs.HERE, 'tapwire.py'),
                                       switch_ns.name, self.port, self.name, 'eth0', offloads), lab.file('tapwire'))
        labs.eventually(lambda: 'ready' in self.wire.text() or not self.wire.alive(), self.wire.text)
        self.ip('addr', 'add', self.v4 + '/24', 'dev', 'eth0')
        self.ip('addr', 'add', self.v6 + '/64', 'dev', 'eth0', 'nodad')
        self.ip('link', 'set', 'eth0', 'up')

    reaches, must_reach, tcp = labs.Host.reaches, labs.Host.must_reach, labs.Host.tcp


@pytest.mark.parametrize('offloads', ['plain', 'none', 'csum', 'csum,tso4', 'csum,tso4,tso6', 'csum,tso4,tso6,ecn'])
def test_tcp_over_a_tap_of_another_program(lab, iperf3, offloads):
    if not labs.os.path.exists('/dev/net/tun'):
        pytest.skip('no /dev/net/tun')
    ns = lab.namespace()
    a, b = labs.Host(lab, ns, 1), TapHost(lab, ns, 2, offloads)
    labs.Switch(lab, ns, ports=[(1, 'p1'), (2, 'p2')])
    tcp_is_right(a, b, '5M')


@pytest.mark.parametrize('off', ['tx-tcp6-segmentation', 'tx-tcp-ecn-segmentation', 'tx-checksum-ip-generic', 'sg'])
def test_tcp_flows_when_one_thing_is_missing(lab, iperf3, off):
    s = lab.net(2)
    s.ns.sh('ethtool', '-K', 'p2', off, 'off')
    tcp_is_right(*s.hosts)


@pytest.mark.parametrize('limit', [['gso_max_size', 16000], ['gso_max_segs', 4]], ids=lambda v: v[0])
def test_tcp_flows_into_an_interface_with_shorter_superframes(lab, iperf3, limit):
    s = lab.net(2)
    s.ns.ip('link', 'set', 'p2', *limit)
    tcp_is_right(*s.hosts)


def test_tcp_flows_through_a_shaped_interface(lab, iperf3):
    s = lab.net(2)
    s.ns.sh('tc', 'qdisc', 'add', 'dev', 'p2', 'root', 'tbf', 'rate', '200mbit', 'burst', '100kb', 'latency', '50ms')
    tcp_is_right(*s.hosts)
    shaped = s.ns.sh('tc', '-s', 'qdisc', 'show', 'dev', 'p2').stdout
    assert int(re.search(r'Sent (\d+) bytes', shaped)[1]) > 15000000, 'frames went past the discipline: ' + shaped


def in_two_tags(lab, **how):
    """Two bridges in a row; what crosses the cable between them has a service tag and a customer tag."""
    ns = lab.namespace()
    hosts = lab.hosts(2, ns)
    ns.ip('link', 'add', 'x1', 'mtu', 1600, 'type', 'veth', 'peer', 'name', 'x2', 'mtu', 1600)
    s = labs.Switch(lab, ns, '--fail-mode', 'secure', '--bridge', 's2', '--dpid', '0000000000000002', '--no-local',
                    '--fail-mode', 'secure', '--port', '1=x2', '--port', '2=p2', ports=[(1, 'p1'), (2, 'x1')], **how)
    s.hosts = hosts
    for bridge, out, back in (('s1', 2, 1), ('s2', 1, 2)):
        for flow in ('in_port=%d,actions=push_vlan:0x8100,set_field:4196->vlan_vid,push_vlan:0x88a8,'
                     'set_field:4197->vlan_vid,output:%d' % (back, out),
                     'in_port=%d,dl_vlan=101,actions=pop_vlan,goto_table:1' % out,
                     'table=1,in_port=%d,dl_vlan=100,actions=pop_vlan,output:%d' % (out, back)):
            labs.run(labs.program('rf-ofctl'), 'add-flow', 'unix:' + s.mgmt_path(bridge), flow)
    return s


def test_tcp_below_two_tags(lab, iperf3, workers):
    tcp_is_right(*in_two_tags(lab, workers=workers).hosts)


def test_udp_superframes(lab):
    """One sendto with UDP_SEGMENT: 40 datagrams arrive, through a device that segments UDP and through one that does not."""
    s = lab.net(2, quiet=True)
    a, b = s.hosts
    a.must_reach(b.v4)
    for setting in ('on', 'off'):
        s.ns.sh('ethtool', '-K', 'p2', 'tx-udp-segmentation', setting)
        before = b.counter('UdpInCsumErrors')
        sink = b.start_traffic('order', 5000, 4000)
        a.traffic('segments', b.v4, 5000, 100, 40)
        sink.wait()
        got = labs.json.loads(sink.text().strip().splitlines()[-1])
        refused = s.drops().get('udp-gso', 0) or s.drops().get('tx-full', 0) or s.ports()['1']['rx_drop'] or lost_on_cables(a, s, b)
        assert got == {'received': 4000, 'late': 0, 'twice': 0, 'missing': 0} or refused, (got, s.ports(), s.drops())
        assert b.counter('UdpInCsumErrors') == before


def test_nothing_passes_that_the_mtu_forbids(lab):
    """One 802.1Q tag is not held against the MTU; a service tag and a second tag are."""
    s = lab.net(2, '--fail-mode', 'secure', quiet=True, mtu=1600)
    a, b = s.hosts
    s.ns.ip('link', 'set', 'p2', 'mtu', 1500)
    labs.eventually(lambda: [p for p in s.ctl_json('port', 'show', 's1') if p['number'] == 2 and p['mtu'] == 1500],
                    'the MTU is seen')
    s.flow('in_port=1,actions=output:2')
    head = b.mac.replace(':', '') + a.mac.replace(':', '')
    sent = {'plain': head + '88b5' + 'aa' * 1500, 'plain+1': head + '88b5' + 'ab' * 1501,
            'tag': head + '8100006488b5' + 'ac' * 1500, 'tag+1': head + '8100006488b5' + 'ad' * 1501,
            'service': head + '88a8006488b5' + 'ae' * 1500, 'service-4': head + '88a8006488b5' + 'af' * 1496,
            'two': head + '810000648100006588b5' + 'ba' * 1500, 'two-4': head + '810000648100006588b5' + 'bb' * 1496}
    heard = b.start_traffic('sniff', 'eth0', 600)
    a.traffic('frames', 'eth0', 1, *sent.values())

    def arrived():
        lines = set(heard.text().split())
        return {name for name, frame in sent.items() if frame in lines}
    labs.eventually(lambda: len(arrived()) == 4, arrived)
    labs.eventually(lambda: s.drops() == {'mtu': 4}, s.drops)
    assert arrived() == {'plain', 'tag', 'service-4', 'two-4'}
    assert s.ports()['2']['tx_drop'] == 4
    heard.stop()
