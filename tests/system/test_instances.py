# SPDX-License-Identifier: ISC
"""Many switches side by side take nothing from one another; a stopped one leaves nothing behind."""

import os
import signal
import time

import pytest

from lab import Switch, eventually, program


def pair(lab, ns, hub, n):
    """Two veth pairs of one switch: both far ends in the namespace 'hub', as aN and bN."""
    for side in 'ab':
        ns.ip('link', 'add', '%sx%d' % (side, n), 'type', 'veth', 'peer', 'name', '%s%d' % (side, n), 'netns', hub.name)


def far_ends(lab, n):
    """One host at each end, in namespaces of their own, is dear: all a-ends share one, all b-ends another."""
    return lab.namespace('a'), lab.namespace('b')


def wire(ns, a, b, n):
    for host, side, low in ((a, 'a', 1), (b, 'b', 2)):
        ns.ip('link', 'add', '%sx%d' % (side, n), 'type', 'veth', 'peer', 'name', '%s%d' % (side, n), 'netns', host.name)
        host.ip('addr', 'add', '10.77.%d.%d/24' % (n, low), 'dev', '%s%d' % (side, n))
        host.ip('link', 'set', '%s%d' % (side, n), 'up')


def test_twenty_switches_in_one_namespace(lab):
    ns, (a, b) = lab.namespace(), far_ends(lab, 20)
    switches = []
    for n in range(20):
        wire(ns, a, b, n)
        switches.append(Switch(lab, ns, '--ring-memory', 32, name='sw%d' % n, wait=False,
                               ports=[(1, 'ax%d' % n), (2, 'bx%d' % n)]))
    for s in switches:
        eventually(s.ready, s.log)
    for n in range(20):
        eventually(lambda n=n: a.sh('ping', '-q', '-c', 1, '-W', 1, '10.77.%d.2' % n, check=False).returncode == 0,
                   'switch %d forwards' % n)
    switches[0].stop()
    assert a.sh('ping', '-q', '-c', 1, '-W', 1, '10.77.0.2', check=False).returncode != 0
    for n in range(1, 20):
        assert a.sh('ping', '-q', '-c', 2, '-i', '0.2', '-W', 5, '10.77.%d.2' % n, check=False).returncode == 0, n


def test_instances_start_pass_traffic_and_stop_over_and_over(lab):
    s = lab.net(2)
    ns, (a, b) = s.ns, s.hosts
    s.stop()
    begin, stops = time.monotonic(), []
    for n in range(50):
        again = Switch(lab, ns, name='s1', ports=[(1, 'p1'), (2, 'p2')], rundir=s.rundir)
        a.must_reach(b.v4)
        end = time.monotonic()
        assert again.stop() == 0
        stops.append(time.monotonic() - end)
        assert os.listdir(s.rundir) == [], n
    assert min(stops) < 1, stops  # one that is in time shows that none waits for anything but the machine
    print('50 instances in %.1f s; a stop takes %.3f s, at most %.3f s' % (
        time.monotonic() - begin, sorted(stops)[25], max(stops)))


def test_a_stop_leaves_nothing(lab):
    ns = lab.namespace()
    lab.hosts(2, ns)

    def trace():
        return {'links': ns.ip('-br', 'link').stdout.split('\n'),
                'packet': ns.sh('cat', '/proc/net/packet').stdout.count('\n'),
                'promiscuous': [ns.link(p).get('promiscuity') for p in ('p1', 'p2')],
                'arp': [ns.sh('cat', '/proc/sys/net/ipv4/conf/%s/arp_ignore' % p).stdout for p in ('p1', 'p2')],
                'forwarding': [ns.sh('cat', '/proc/sys/net/ipv4/conf/%s/forwarding' % p).stdout for p in ('p1', 'p2')]}
    ns.ip('link', 'set', 'p1', 'up')
    ns.ip('link', 'set', 'p2', 'up')
    eventually(lambda: ns.ip('-br', 'link').stdout.count(' UP ') == 2, 'links are up')
    before = trace()
    for sig in (signal.SIGTERM, signal.SIGINT):
        s = Switch(lab, ns, ports=[(1, 'p1'), (2, 'p2')])
        assert s.process.stop(sig) == 0, s.log()
        assert os.listdir(s.rundir) == []
        assert trace() == before


@pytest.mark.parametrize('sig', [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_after_a_crash_the_next_one_starts(lab, sig, workers):
    """The sockets are closed by our own threads then: that must neither hang nor hide what it was."""
    s = lab.net(2, workers=workers)
    a, b = s.hosts
    a.must_reach(b.v4)
    if 'in a sanitizer build' in s.log():
        sig = signal.SIGKILL  # its report of the others would be taken for a fault that it found
    load = a.start('ping', '-q', '-f', '-w', 60, b.v4)
    assert s.process.stop(sig) == -sig
    load.stop()
    Switch(lab, s.ns, ports=[(1, 'p1'), (2, 'p2')], rundir=s.rundir)
    a.must_reach(b.v4)


def test_two_instances_do_not_share_a_run_directory(lab):
    """With another bridge, so that the lock refuses it and not a socket; and it leaves the first one's files alone."""
    s = lab.net(1)
    pid_file, files = os.path.join(s.rundir, 'switchd.pid'), sorted(os.listdir(s.rundir))
    with open(pid_file) as f:
        pid = f.read()
    second = Switch(lab, lab.namespace('other'), name='s2', rundir=s.rundir, wait=False)
    assert second.process.wait() != 0
    assert 'switchd.pid: another rf-switchd runs here' in second.log() and s.ready()
    assert sorted(os.listdir(s.rundir)) == files
    with open(pid_file) as f:
        assert f.read() == pid


def test_several_bridges_in_one_daemon(lab):
    ns = lab.namespace()
    hosts = lab.hosts(4, ns)
    s = Switch(lab, ns, '--bridge', 's2', '--dpid', '2', '--no-local', '--port', '1=p3', '--port', '2=p4',
               ports=[(1, 'p1'), (2, 'p2')])
    hosts[0].must_reach(hosts[1].v4)
    hosts[2].must_reach(hosts[3].v4)
    assert not hosts[0].reaches(hosts[2].v4)
    assert os.path.exists(s.mgmt_path('s2'))


def test_a_bad_option_is_one_clear_line(lab):
    from lab import run
    for words in (['--nosuch'], ['--bridge', 's1', '--port', 'x=y=z=1'], ['--workers', 'many'], ['stray']):
        done = run(program('rf-switchd'), *words, check=False, limit=10)
        assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, (words, done.stderr)
