# SPDX-License-Identifier: ISC
"""What the kernel refuses is done in another way, and said: no bpf(2), no memory for rings, no TAP, events that were lost."""

import os
import re
import signal
import time

import pytest

from lab import Switch, eventually, run


def forwards(s):
    a, b = s.hosts
    a.must_reach(b.v4, b.v6)


def test_without_bpf_frames_are_steered_by_a_classic_program(lab, workers):
    """As in a container or under a strict unit: neither CAP_BPF nor CAP_SYS_ADMIN."""
    s = lab.net(2, workers=workers, under=('setpriv', '--bounding-set', '-bpf,-sys_admin', '--inh-caps', '-bpf,-sys_admin'))
    assert 'steering: classic BPF' in s.ctl('status').stdout, s.log()
    assert 'bpf(2) is refused' in s.log()
    assert len(re.findall('lane .*: express, ring ', s.ctl('status').stdout)) == 2 * workers
    forwards(s)


NO_TUN = {'absent': 'mount -t tmpfs none /dev/net', 'useless': 'mount --bind /dev/null /dev/net/tun'}


@pytest.mark.parametrize('how', NO_TUN)
def test_without_a_tap_there_is_no_local_and_all_else_works(lab, how):
    if not os.path.isdir('/dev/net'):
        pytest.skip('no /dev/net to hide')
    s = lab.net(2, '--local', under=('unshare', '-m', 'sh', '-c', NO_TUN[how] + ' && exec "$@"', 'sh'))
    assert re.search('/dev/net/tun: |the TAP device can.t be made', s.log()), s.log()
    assert s.ns.link('s1') is None
    forwards(s)


def test_without_memory_for_a_ring_a_port_goes_by_the_express_lane(lab, workers):
    s = lab.net(3, workers=workers)
    s.ctl('port', 'del', 's1', 'p2')
    size = int(re.search(r'VmSize:\s+(\d+) kB', open('/proc/%d/status' % s.process.pid).read())[1]) << 10
    run('prlimit', '--pid', s.process.pid, '--as=%d:' % (size + (4 << 20)))  # a ring is 8 MiB
    s.ctl('port', 'add', 's1', 'p2', '2')
    run('prlimit', '--pid', s.process.pid, '--as=unlimited:')
    assert re.search('p2: no ring of .*express lane alone', s.log()), s.log()
    assert s.ctl('status').stdout.count('lane p2/') == workers == len(re.findall('lane p2/.*express alone', s.ctl('status').stdout))
    s.hosts[0].must_reach(s.hosts[1].v4)
    s.hosts[1].must_reach(s.hosts[2].v6)


def test_lost_link_events_are_made_up_for(lab):
    """Stopped, it hears of more than its socket can hold; what came last is not among it."""
    s = lab.net(3)
    a, b, c = s.hosts
    s.ns.ip('link', 'add', 'noise', 'type', 'veth', 'peer', 'name', 'noise2')
    os.kill(s.process.pid, signal.SIGSTOP)
    try:
        flaps = 'link set noise up\nlink set noise down\n' * 3000
        s.ns.ip('-batch', '-', stdin=flaps, limit=120)
        s.ns.ip('link', 'set', 'p2', 'down')
        c.ip('link', 'set', 'eth0', 'down')
        s.ns.ip('link', 'set', 'p1', 'mtu', 1400)
    finally:
        os.kill(s.process.pid, signal.SIGCONT)
    eventually(lambda: 'link events were lost' in s.log(), s.log)

    def seen():
        ports = {p['name']: p for p in s.ctl_json('port', 'show', 's1')}
        text = s.tool('dump-ports-desc').stdout
        return ports['p1']['mtu'] == 1400 and len(re.findall('LINK_DOWN', text)) == 2
    eventually(seen, lambda: s.tool('dump-ports-desc').stdout)
    s.ns.ip('link', 'set', 'p2', 'up')
    a.must_reach(b.v4)


def test_no_link_event_is_lost_after_the_lost_ones(lab):
    """Full, its socket takes nothing more until it has been read empty: what comes in that time is made up for too.  Stopped once more,
    a little later each time, it has at some time looked at the port and not yet read all."""
    s = lab.net(3)
    a, b, _ = s.hosts
    s.ns.ip('link', 'add', 'noise', 'type', 'veth', 'peer', 'name', 'noise2')
    for n in range(8):
        os.kill(s.process.pid, signal.SIGSTOP)
        try:
            s.ns.ip('-batch', '-', stdin='link set noise up\nlink set noise down\n' * 500, limit=120)
            s.ns.ip('link', 'set', 'p2', 'down')
            os.kill(s.process.pid, signal.SIGCONT)
            eventually(lambda: s.log().count('link events were lost') > n, s.log, pause=0.0005)
            time.sleep(0.003 * n)
            os.kill(s.process.pid, signal.SIGSTOP)
            s.ns.ip('link', 'set', 'p2', 'up')
        finally:
            os.kill(s.process.pid, signal.SIGCONT)
        a.must_reach(b.v4)
