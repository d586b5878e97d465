# SPDX-License-Identifier: ISC
"""The switch pushes a tag towards host 2 and pops it on the way back; host 1 knows of no VLAN."""

import re

import pytest


def tagged(lab, tag=100, **how):
    s = lab.net(2, '--fail-mode', 'secure', **how)
    a, b = s.hosts
    b.ip('link', 'add', 'eth0.%d' % tag, 'link', 'eth0', 'type', 'vlan', 'id', tag)
    b.ip('addr', 'add', '10.9.0.2/24', 'dev', 'eth0.%d' % tag)
    b.ip('addr', 'add', 'fd09::2/64', 'dev', 'eth0.%d' % tag, 'nodad')
    b.ip('link', 'set', 'eth0.%d' % tag, 'up')
    a.ip('addr', 'add', '10.9.0.1/24', 'dev', 'eth0')
    a.ip('addr', 'add', 'fd09::1/64', 'dev', 'eth0', 'nodad')
    s.flow('in_port=1,actions=push_vlan:0x8100,set_field:%d->vlan_vid,output:2' % (0x1000 | tag),
           'in_port=2,dl_vlan=%d,actions=pop_vlan,output:1' % tag)
    return s


@pytest.mark.parametrize('address', ['10.9.0.2', 'fd09::2'])
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
    s.ns.sh('ethtool', '-K', b.port, 'tso', 'off', 'gso', 'off', 'tx', 'off')
    a.must_reach('10.9.0.2')
    capture = b.start('tcpdump', '-l', '-nn', '-vv', '-Q', 'in', '-c', 2000, '-i', 'eth0', 'vlan and tcp')
    a.tcp(b, '10.9.0.2')
    capture.stop()
    text = capture.text()
    assert len(re.findall(r'cksum 0x\w+ \(correct\)', text)) > 5, text[-1500:]
    assert not re.search(r'cksum 0x\w+ \(incorrect', text), text[-1500:]


@pytest.mark.parametrize('tag', ['81000000', '88a80064', '8100600a'], ids=['priority', 'service', 'pcp'])
def test_tags_arrive_as_they_were_sent(lab, tag):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('in_port=1,actions=output:2')
    heard = b.start_traffic('sniff', 'eth0', 4)
    frame = b.mac.replace(':', '') + a.mac.replace(':', '') + tag + '88b5' + '5a' * 46
    a.traffic('frames', 'eth0', 3, frame)
    heard.wait()
    assert heard.text().count(frame) == 3, heard.text()
