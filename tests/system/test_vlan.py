# SPDX-License-Identifier: ISC
"""One bridge pushes a tag, the next pops it; the hosts know of no VLAN."""

import re

import lab as labs
import pytest


def tagged(lab, tag=100, **how):
    """Two bridges in a row, one cable between them: s1 pushes the tag, s2 pops it, and back."""
    ns = lab.namespace()
    hosts = lab.hosts(2, ns)
    ns.ip('link', 'add', 'x1', 'type', 'veth', 'peer', 'name', 'x2')
    s = labs.Switch(lab, ns, '--fail-mode', 'secure', '--bridge', 's2', '--dpid', '0000000000000002', '--no-local',
                    '--fail-mode', 'secure', '--port', '1=x2', '--port', '2=p2', ports=[(1, 'p1'), (2, 'x1')], **how)
    s.hosts = hosts
    for bridge in ('s1', 's2'):
        out, back = (2, 1) if bridge == 's1' else (1, 2)
        for flow in ('in_port=%d,actions=push_vlan:0x8100,set_field:%d->vlan_vid,output:%d' % (back, 0x1000 | tag, out),
                     'in_port=%d,dl_vlan=%d,actions=pop_vlan,output:%d' % (out, tag, back)):
            labs.run(labs.program('rf-ofctl'), 'add-flow', 'unix:' + s.mgmt_path(bridge), flow)
    return s


@pytest.mark.parametrize('address', ['10.0.0.2', 'fd00::2'])
def test_tcp_through_push_and_pop_keeps_its_checksums(lab, iperf3, workers, address):
    s = tagged(lab, workers=workers)
    a, b = s.hosts
    a.must_reach(address)
    before = a.counter('TcpInCsumErrors'), b.counter('TcpInCsumErrors')
    a.tcp(b, address)
    a.tcp(b, address, more=['-R'])
    assert (a.counter('TcpInCsumErrors'), b.counter('TcpInCsumErrors')) == before


def test_tcp_through_push_when_the_egress_segments_nothing(lab, iperf3):
    s = tagged(lab)
    a, b = s.hosts
    s.ns.sh('ethtool', '-K', 'x1', 'tso', 'off', 'gso', 'off', 'tx', 'off')
    a.must_reach('10.0.0.2')
    capture = s.ns.start('tcpdump', '-l', '-nn', '-vv', '-Q', 'in', '-c', 2000, '-i', 'x2', 'vlan and tcp')
    labs.eventually(lambda: 'listening' in capture.text(), capture.text)
    a.tcp(b, '10.0.0.2')
    capture.stop()
    text = capture.text()
    assert len(re.findall(r'cksum 0x\w+ \(correct\)', text)) > 5, text[-1500:]
    assert not re.search(r'cksum 0x\w+ \(incorrect', text), text[-1500:]


@pytest.mark.parametrize('tag', ['81000000', '88a80064', '8100600a'], ids=['priority', 'service', 'pcp'])
def test_tags_arrive_as_they_were_sent(lab, tag):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('in_port=1,actions=output:2')
    heard = b.start_traffic('sniff', 'eth0', 600)
    frame = b.mac.replace(':', '') + a.mac.replace(':', '') + tag + '88b5' + '5a' * 46
    a.traffic('frames', 'eth0', 3, frame)
    labs.eventually(lambda: heard.text().count('\n') == 4, heard.text)
    assert heard.text().split() == ['ready'] + [frame] * 3
    heard.stop()
