# SPDX-License-Identifier: ISC
"""Ports that flap, go, come back, change their name, their size, their address; PORT_MOD."""

import re

from lab import Host, eventually, run


def info(s, number):
    for p in s.ctl_json('port', 'show', 's1'):
        if p['number'] == number:
            return p
    return None


def statuses(m):
    """[(reason, rest of the message)]"""
    return re.findall(r'OFPT_PORT_STATUS[^\n]*: (ADD|DEL|MOD):(.*?)(?=\nOFPT|\Z)', m.text(), re.S)


def test_ten_flaps(lab, workers):
    s = lab.net(2, workers=workers)
    a, b = s.hosts
    a.must_reach(b.v4)
    m = s.monitor()
    for _ in range(10):
        b.ip('link', 'set', 'eth0', 'down')
        eventually(lambda: 'LINK_DOWN' in s.tool('dump-ports-desc').stdout, 'LINK_DOWN')
        b.ip('link', 'set', 'eth0', 'up')
        eventually(lambda: 'LINK_DOWN' not in s.tool('dump-ports-desc').stdout, 'the link is up')
    a.must_reach(b.v4)
    eventually(lambda: len([1 for reason, _ in statuses(m) if reason == 'MOD']) >= 20, m.text)


def test_the_switch_side_goes_down_and_up(lab):
    s = lab.net(2)
    a, b = s.hosts
    a.must_reach(b.v4)
    for _ in range(3):
        s.ns.ip('link', 'set', 'p2', 'down')
        eventually(lambda: 'LINK_DOWN' in s.tool('dump-ports-desc').stdout, 'LINK_DOWN')
        s.ns.ip('link', 'set', 'p2', 'up')
        a.must_reach(b.v4)


def test_a_port_attached_while_down_works_once_it_is_up(lab):
    s = lab.net(2)
    ns, c = s.ns, Host(lab, s.ns, 3)
    c.ip('link', 'set', 'eth0', 'down')
    ns.ip('link', 'set', 'p3', 'down')
    s.ctl('port', 'add', 's1', 'p3', '3')
    ns.ip('link', 'set', 'p3', 'up')
    c.ip('link', 'set', 'eth0', 'up')
    s.hosts[0].must_reach(c.v4)


def test_removed_and_made_again_it_has_its_number(lab, workers):
    s = lab.net(2, workers=workers)
    a, b = s.hosts
    a.must_reach(b.v4)
    m = s.monitor()
    s.ns.ip('link', 'del', 'p2')
    eventually(lambda: [1 for reason, text in statuses(m) if reason == 'DEL' and 'p2' in text], m.text)
    assert s.process.alive()
    run('ip', 'link', 'add', 'eth0', 'netns', b.name, 'type', 'veth', 'peer', 'name', 'p2', 'netns', s.ns.name)
    b.ip('addr', 'add', b.v4 + '/24', 'dev', 'eth0')
    b.ip('link', 'set', 'eth0', 'up')
    eventually(lambda: [1 for reason, text in statuses(m) if reason == 'ADD' and '2(p2)' in text], m.text)
    a.ip('neigh', 'flush', 'all')
    a.must_reach(b.v4)


def test_renamed_away_and_back(lab):
    s = lab.net(2)
    a, b = s.hosts
    a.must_reach(b.v4)
    m = s.monitor()
    s.ns.ip('link', 'set', 'p2', 'down')
    s.ns.ip('link', 'set', 'p2', 'name', 'other')
    eventually(lambda: [1 for reason, text in statuses(m) if reason == 'DEL' and 'p2' in text], m.text)
    s.ns.ip('link', 'set', 'other', 'name', 'p2')
    s.ns.ip('link', 'set', 'p2', 'up')
    eventually(lambda: [1 for reason, text in statuses(m) if reason == 'ADD' and '2(p2)' in text], m.text)
    a.must_reach(b.v4)


def test_added_and_deleted_by_command(lab):
    s = lab.net(2)
    c = Host(lab, s.ns, 3)
    m = s.monitor()
    s.ctl('port', 'add', 's1', 'p3', '7')
    eventually(lambda: [1 for reason, text in statuses(m) if reason == 'ADD' and '7(p3)' in text], m.text)
    s.hosts[0].must_reach(c.v4)
    s.ctl('port', 'del', 's1', 'p3')
    eventually(lambda: [1 for reason, text in statuses(m) if reason == 'DEL' and '7(p3)' in text], m.text)
    assert not s.hosts[0].reaches(c.v4)
    again = s.ctl('port', 'del', 's1', 'p3', check=False)
    assert again.returncode != 0 and again.stderr


def test_a_missing_interface_is_awaited(lab):
    s = lab.net(2, '--port', '3=p3')
    assert info(s, 3) is None or not info(s, 3)['present']
    c = Host(lab, s.ns, 3)
    s.hosts[0].must_reach(c.v4)


def test_an_interface_with_addresses_needs_force(lab):
    s = lab.net(1)
    c = Host(lab, s.ns, 3)
    s.ns.ip('addr', 'add', '192.0.2.1/24', 'dev', c.port)
    done = s.ctl('port', 'add', 's1', c.port, check=False)
    assert done.returncode != 0 and '192.0.2.1' in done.stderr and '--force' in done.stderr, done.stderr
    s.ctl('port', 'add', 's1', c.port, '3', '--force')
    s.hosts[0].must_reach(c.v4)


def test_the_host_answers_on_no_port_and_gets_it_back(lab):
    s = lab.net(2)
    ns = s.ns

    def arp_ignore():
        return ns.sh('cat', '/proc/sys/net/ipv4/conf/p1/arp_ignore').stdout.strip()
    assert arp_ignore() == '8'
    s.stop()
    assert arp_ignore() == '0'


def test_mtu_changes_are_followed(lab):
    s = lab.net(2)
    a, b = s.hosts
    for h in (a, b):
        s.ns.ip('link', 'set', h.port, 'mtu', 4000)
        h.ip('link', 'set', 'eth0', 'mtu', 4000)
    eventually(lambda: info(s, 1)['mtu'] == 4000, 'the MTU is seen')
    a.must_reach(b.v4)
    eventually(lambda: a.sh('ping', '-q', '-c', 1, '-M', 'do', '-s', 3900, '-W', 2, b.v4, check=False).returncode == 0,
               'long frames pass')


def test_address_changes_are_told(lab):
    s = lab.net(2)
    m = s.monitor()
    s.ns.ip('link', 'set', 'p1', 'address', '02:11:22:33:44:55')
    eventually(lambda: [1 for reason, text in statuses(m) if '02:11:22:33:44:55' in text], m.text)


def test_port_mod(lab):
    s = lab.net(2)
    a, b = s.hosts
    a.must_reach(b.v4)
    for off, on in (('down', 'up'), ('no-receive', 'receive'), ('no-forward', 'forward')):
        s.ofctl('mod-port', '2', off)
        eventually(lambda: not a.reaches(b.v4), off)
        s.ofctl('mod-port', '2', on)
        a.must_reach(b.v4)


def test_port_mod_changes_what_its_mask_names(lab):
    s = lab.net(2)

    def config():
        return {c for c in ('NO_RECV', 'NO_FWD', 'NO_PACKET_IN') if c in s.ofctl('dump-ports-desc').stdout}
    for word in ('no-receive', 'no-packet-in', 'no-forward'):
        s.ofctl('mod-port', '2', word)
    assert config() == {'NO_RECV', 'NO_FWD', 'NO_PACKET_IN'}
    s.ofctl('mod-port', '2', 'receive')
    assert config() == {'NO_FWD', 'NO_PACKET_IN'}


def test_port_mod_down_takes_the_interface_down(lab):
    s = lab.net(2)
    s.ofctl('mod-port', '2', 'down')
    eventually(lambda: 'UP' not in s.ns.link('p2')['flags'], 'p2 is down')
    assert 'PORT_DOWN' in s.ofctl('dump-ports-desc').stdout
    s.ofctl('mod-port', '2', 'up')
    eventually(lambda: 'UP' in s.ns.link('p2')['flags'], 'p2 is up')


def test_port_mod_no_packet_in(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('priority=0,actions=CONTROLLER:65535')
    s.ofctl('mod-port', '1', 'no-packet-in')
    m = s.monitor()
    frame = b.mac.replace(':', '') + '%s88b5' + '00' * 46
    a.traffic('frames', 'eth0', 5, frame % a.mac.replace(':', ''))
    b.traffic('frames', 'eth0', 1, frame % b.mac.replace(':', ''))
    eventually(lambda: 'in_port=2' in m.text() or 'in_port=p2' in m.text(), m.text)
    assert not re.search(r'in_port="?p?1"?', m.text())
    eventually(lambda: s.drops().get('no-packet-in') == 5, s.drops)


def test_a_visible_port_shows_both_directions_and_hears_no_echo(lab):
    s = lab.net(2, quiet=True)
    a, b = s.hosts
    s.ctl('port', 'set', 'p2', 'visible', 'on')
    a.must_reach(b.v4)
    capture = s.ns.start('tcpdump', '-l', '-nn', '-i', 'p2', 'icmp')
    eventually(lambda: 'listening' in capture.text(), capture.text)
    before = s.ports()['2']['rx']
    a.sh('ping', '-q', '-c', 5, '-i', '0.1', '-w', 60, b.v4)
    eventually(lambda: capture.text().count('echo request') >= 5 and capture.text().count('echo reply') >= 5,
               capture.text)
    assert s.ports()['2']['rx'] - before < 5 + 5, 'its own frames came back'


def test_the_local_port_is_a_device_of_the_host(lab):
    import os
    import pytest
    if not os.path.exists('/dev/net/tun'):
        pytest.skip('no /dev/net/tun')
    ns = lab.namespace()
    hosts = lab.hosts(1, ns)
    from lab import Switch
    s = Switch(lab, ns, '--local', name='brl', ports=[(1, 'p1')])
    eventually(lambda: ns.link('brl'), 'the device')
    ns.ip('addr', 'add', '10.0.0.100/24', 'dev', 'brl')
    ns.ip('link', 'set', 'brl', 'up')
    hosts[0].must_reach('10.0.0.100')
    assert ns.link('brl')['address'] in hosts[0].ip('neigh', 'show', '10.0.0.100').stdout
    assert 'LOCAL(brl)' in s.ofctl('show').stdout
    s.stop()
    assert ns.link('brl') is None
