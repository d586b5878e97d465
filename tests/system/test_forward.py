# SPDX-License-Identifier: ISC
"""Frames without a controller: NORMAL between hosts, whatever the offloads of the cables."""

import pytest

from lab import eventually


def test_hosts_talk_over_both_families(lab, workers):
    s = lab.net(3, workers=workers)
    for a in s.hosts:
        a.must_reach(*[b.v4 for b in s.hosts if b is not a], *[b.v6 for b in s.hosts if b is not a])


def test_addresses_are_learnt_and_can_be_flushed(lab):
    s = lab.net(2, quiet=True)

    def learnt():
        return {(e['mac'], e['port']) for e in s.ctl_json('fdb', 'show', 's1')}
    for h in s.hosts:  # not by ping: the hosts would ask for each other again when they like
        h.traffic('frames', 'eth0', 1, 'ffffffffffff' + h.mac.replace(':', '') + '88b5' + '00' * 46)
    eventually(lambda: learnt() == {(h.mac, h.number) for h in s.hosts}, learnt)
    s.ctl('fdb', 'flush', 's1')
    assert not learnt()


@pytest.mark.parametrize('family', ['v4', 'v6'])
def test_tcp_over_default_cables_keeps_its_checksums(lab, iperf3, workers, family):
    s = lab.net(2, workers=workers)
    a, b = s.hosts
    a.must_reach(getattr(b, family))
    before = b.counter('TcpInCsumErrors')
    a.tcp(b, getattr(b, family))
    assert b.counter('TcpInCsumErrors') == before


@pytest.mark.parametrize('off', [['tso'], ['tso', 'gso'], ['tso', 'gso', 'tx']], ids='-'.join)
@pytest.mark.parametrize('family', ['v4', 'v6'])
def test_tcp_flows_when_the_egress_offers_less(lab, iperf3, off, family):
    s = lab.net(2)
    a, b = s.hosts
    s.ns.sh('ethtool', '-K', b.port, *[word for feature in off for word in (feature, 'off')])
    a.must_reach(getattr(b, family))
    before = b.counter('TcpInCsumErrors')
    a.tcp(b, getattr(b, family))
    assert b.counter('TcpInCsumErrors') == before


def test_tcp_flows_while_offloads_change(lab, iperf3):
    s = lab.net(2)
    a, b = s.hosts
    a.must_reach(b.v4)
    for setting in ('off', 'on', 'off'):
        s.ns.sh('ethtool', '-K', b.port, 'tso', setting)
        a.tcp(b, b.v4, '10M')


def test_jumbo_frames_pass_and_longer_ones_are_counted(lab):
    s = lab.net(2, quiet=True, mtu=9000)
    a, b = s.hosts
    a.must_reach(b.v4)
    assert a.sh('ping', '-q', '-c', 2, '-M', 'do', '-s', 8972, '-w', 60, b.v4).returncode == 0
    s.ns.ip('link', 'set', b.port, 'mtu', 1500)
    eventually(lambda: [p for p in s.ctl_json('port', 'show', 's1') if p['number'] == 2 and p['mtu'] == 1500], 'the MTU is seen')
    a.sh('ping', '-q', '-c', 3, '-i', '0.1', '-M', 'do', '-s', 8972, '-W', 1, b.v4, check=False)
    eventually(lambda: s.drops().get('mtu', 0) >= 3, s.drops)


def test_nothing_comes_back_to_its_sender(lab):
    s = lab.net(3)
    a, b, _ = s.hosts
    a.must_reach(b.v4)
    frame = 'ffffffffffff' + a.mac.replace(':', '') + '88b5' + '00' * 46
    echo, heard = a.start_traffic('sniff', 'eth0', 600), b.start_traffic('sniff', 'eth0', 600)
    a.traffic('frames', 'eth0', 20, frame)
    eventually(lambda: heard.text().count(frame) == 20, heard.text)
    b.traffic('frames', 'eth0', 1, a.mac.replace(':', '') + b.mac.replace(':', '') + '88b6' + '00' * 46)
    eventually(lambda: '88b6' in echo.text(), echo.text)  # behind whatever came back
    assert '88b5' + '00' * 20 not in echo.text()
    echo.stop()
    heard.stop()


def test_bridge_protocol_frames_stay_here(lab):
    s = lab.net(2, quiet=True)
    a, b = s.hosts
    heard = b.start_traffic('sniff', 'eth0', 600)
    a.traffic('frames', 'eth0', 5, '0180c2000000' + a.mac.replace(':', '') + '0026' + '42' * 46)
    a.traffic('frames', 'eth0', 1, b.mac.replace(':', '') + a.mac.replace(':', '') + '88b6' + '00' * 46)
    eventually(lambda: '88b6' in heard.text(), heard.text)  # behind them
    assert '0180c2000000' not in heard.text()
    eventually(lambda: s.drops().get('reserved-mac') == 5, s.drops)
    heard.stop()
