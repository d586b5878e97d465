# SPDX-License-Identifier: ISC
"""What goes wrong at a port is counted to the frame, stays at that port, and leaves nothing behind."""

import os
import signal

import pytest

from lab import Switch, eventually
from test_account import frame, settle

LONG = bool(os.environ.get('RINGFLOW_LONG'))


def kernel_rx(ns, port):
    return ns.link(port)['stats64']['rx']['packets']


def fds(s):
    return len(os.listdir('/proc/%d/fd' % s.process.pid))


def fds_at_rest(s):
    """Sockets are closed in the background: at rest is what ten looks in a row agree on."""
    looks = []

    def at_rest():
        looks.append(fds(s))
        return len(looks) >= 10 and len(set(looks[-10:])) == 1
    eventually(at_rest, lambda: 'files: %s' % looks)
    return looks[-1]


@pytest.mark.parametrize('mode', [[], ['--no-ebpf'], ['--no-steering']], ids=['ebpf', 'classic', 'bulk'])
def test_frames_lost_to_a_stopped_switch_are_counted_exactly(lab, mode):
    s = lab.net(2, '--fail-mode', 'secure', '--ring-memory', 8, *mode, quiet=True)
    a, b = s.hosts
    s.flow('in_port=1,actions=output:2')
    before, _ = settle(s)
    came = kernel_rx(s.ns, 'p1')
    os.kill(s.process.pid, signal.SIGSTOP)
    try:
        a.traffic('frames', 'eth0', 60000, frame(b.mac, a.mac, '88b5', ''))
    finally:
        os.kill(s.process.pid, signal.SIGCONT)
    after, dropped = settle(s)
    came = kernel_rx(s.ns, 'p1') - came
    got, lost = after['1']['rx'] - before['1']['rx'], after['1']['rx_drop'] - before['1']['rx_drop']
    assert lost > 0, 'the rings took %d frames: no test of drops' % got
    assert got + lost == came, (got, lost, came)
    assert after['2']['tx'] - before['2']['tx'] + sum(dropped.values()) == got
    a.traffic('frames', 'eth0', 500, frame(b.mac, a.mac, '88b5', ''))
    again, _ = settle(s)
    assert again['2']['tx'] - after['2']['tx'] == 500, 'it has not recovered'


def test_frames_that_a_full_egress_refuses_are_counted_exactly(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a, b, c = s.hosts
    s.ns.sh('tc', 'qdisc', 'add', 'dev', 'p2', 'root', 'tbf', 'rate', '1mbit', 'burst', '2kb', 'limit', '20kb')
    s.flow('in_port=1,actions=output:2', 'in_port=3,actions=output:1')
    before, _ = settle(s)
    heard = b.link('eth0')['stats64']['rx']['packets']
    beside = c.start_traffic_later('frames', 'eth0', 3000, frame(a.mac, c.mac, '88b5', ''))
    a.traffic('frames', 'eth0', 5000, frame(b.mac, a.mac, '88b5', ''))
    beside.wait()
    after, dropped = settle(s)
    sent = after['2']['tx'] - before['2']['tx']
    lost = after['2']['tx_drop'] - before['2']['tx_drop']
    assert lost > 0 and sent + lost == 5000 and dropped == {'tx-full': lost}, (sent, lost, dropped)
    assert after['1']['tx'] - before['1']['tx'] == 3000, 'another port lost frames'
    eventually(lambda: b.link('eth0')['stats64']['rx']['packets'] - heard == sent, 'what was sent arrives')


def test_two_ports_on_one_cable_see_each_frame_once(lab):
    """a - 1 [switch] 3 = x1 - x2 = 4 [switch] 2 - b: what leaves by 3 comes in at 4, once, and nowhere else."""
    ns = lab.namespace()
    hosts = lab.hosts(2, ns, quiet=True)
    ns.ip('link', 'add', 'x1', 'type', 'veth', 'peer', 'name', 'x2')
    s = Switch(lab, ns, '--fail-mode', 'secure', ports=[(1, 'p1'), (2, 'p2'), (3, 'x1'), (4, 'x2')])
    a, b = hosts
    eventually(lambda: 'LINK_DOWN' not in s.tool('dump-ports-desc').stdout, 'links are up')
    s.flow('in_port=1,actions=output:3', 'in_port=4,actions=output:2', 'in_port=3,actions=output:1')
    before, _ = settle(s)
    a.traffic('frames', 'eth0', 300, frame(b.mac, a.mac, '88b5', ''))
    after, dropped = settle(s)
    new = {p: (after[p]['rx'] - before[p]['rx'], after[p]['tx'] - before[p]['tx']) for p in after}
    assert new == {'1': (300, 0), '3': (0, 300), '4': (300, 0), '2': (0, 300)}, new
    assert not dropped


def test_flaps_and_comings_and_goings_cost_no_file(lab, workers):
    s = lab.net(3, workers=workers)
    a, b, c = s.hosts
    a.must_reach(b.v4, c.v4)
    eventually(lambda: s.ctl('status').stdout.count('lane ') == 3 * workers, 'all lanes are there')
    before = fds_at_rest(s)
    for n in range(100 if LONG else 10):
        s.ns.sh('sh', '-c', 'ip link set p2 down; ip link set p2 up')  # may be over before the switch looks
        c.ip('link', 'set', 'eth0', 'down')
        c.ip('link', 'set', 'eth0', 'up')
        if n % 5 == 4:
            s.ns.ip('link', 'del', 'p2')
            eventually(lambda: '2(p2)' not in s.tool('dump-ports-desc').stdout, 'p2 is gone')
            b.plug(s.ns)
        s.ctl('port', 'del', 's1', 'p3')
        s.ctl('port', 'add', 's1', 'p3', '3')
    for h in (b, c):
        a.ip('neigh', 'flush', 'all')
        a.must_reach(h.v4)
    eventually(lambda: fds(s) <= before, lambda: '%d files, there were %d' % (fds(s), before))


def test_a_busy_control_loop_holds_up_no_frame(lab):
    """Thousands of flow-mods and dumps of them keep the control thread at work while frames pass.  A busy machine may keep the worker
    from its sockets for longer than these can hold: what is lost is counted then, and one round of some without loss shows that it is
    not the control thread that keeps it."""
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('priority=10,in_port=1,actions=output:2', 'priority=10,in_port=2,actions=output:1')
    flows = lab.file('flows')
    with open(flows, 'w') as f:
        for n in range(20000):
            f.write('priority=5,tcp,nw_src=10.%d.%d.1,tp_dst=%d,actions=drop\n' % (n >> 8, n & 255, n))
    lost = []
    while not lost or (lost[-1] and len(lost) < 8):
        before, refused = settle(s)
        sender = a.start_traffic_later('frames', 'eth0', 40000, frame(b.mac, a.mac, '88b5', ''))
        while sender.alive():
            s.tool('add-flows', flows)
            s.tool('dump-flows')
            s.tool('del-flows', 'tcp')
        after, dropped = settle(s)
        got, sent = after['1']['rx'] - before['1']['rx'], after['2']['tx'] - before['2']['tx']
        lost.append(after['1']['rx_drop'] - before['1']['rx_drop'] + sum(dropped.values()) - sum(refused.values()))
        assert sent + lost[-1] == 40000 and sent <= got, (got, sent, lost, after, dropped)
    assert not lost[-1], lost
