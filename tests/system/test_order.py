# SPDX-License-Identifier: ISC
"""One numbered flow whose rate crosses the lane thresholds at each period: nothing late, nothing twice."""

import json
import os
import re

import pytest

from lab import eventually


def received(p, limit=120):
    p.wait(limit)
    return json.loads(p.text().strip().splitlines()[-1])


MODES = {'ebpf': [], 'classic': ['--no-ebpf'], 'bulk': ['--no-steering']}
COUNT = 1000000 if os.environ.get('RINGFLOW_LONG') else 100000


END_IS_SAID = 20  # times, by traffic.py and numbered


def lost_on_cables(a, s, b):
    """What the kernel of a busy machine dropped between a host and the switch, on the way there and on that from it."""
    return a.link('eth0')['stats64']['tx']['dropped'] + s.ns.link(b.port)['stats64']['tx']['dropped']


def lanes(s):
    """{'p1/0': (lane, switches)}"""
    return {name: (lane, int(n)) for name, lane, n in
            re.findall(r'^lane (\S+): ([^,]*), .* (\d+) switches$', s.ctl('status').stdout, re.M)}


def switches(s):
    return sum(n for _, n in lanes(s).values())


def sequenced(s, count, period):
    a, b = s.hosts
    sink = b.start_traffic('order', 5000, count)
    a.traffic('sequence', b.v4, 5000, count, period, limit=300)
    got = received(sink, 300)
    assert got['late'] == 0 and got['twice'] == 0, got
    assert got['received'] > count * 0.5, (got, s.drops(), s.ports())


@pytest.mark.parametrize('period', [3, 10, 30])
@pytest.mark.parametrize('mode', ['ebpf', 'classic'])
def test_order_is_kept_while_lanes_switch(lab, mode, period):
    """A worker that counts as loaded at 5 percent goes to its ring in every burst, and back after it."""
    s = lab.net(2, '--express-load', 5, *MODES[mode], quiet=True)
    s.hosts[0].must_reach(s.hosts[1].v4)
    for _ in range(20):
        sequenced(s, COUNT, period)
        if switches(s) >= 2:
            return
    assert False, 'no lane was ever switched: %s' % lanes(s)


@pytest.mark.parametrize('mode', MODES)
def test_order_is_kept_between_two_workers(lab, mode):
    s = lab.net(2, '--express-load', 20, *MODES[mode], quiet=True, workers=2)
    s.hosts[0].must_reach(s.hosts[1].v4)
    sequenced(s, COUNT, 10)
    told = s.ctl('status').stdout
    assert {'ebpf': 'steering: eBPF', 'classic': 'steering: classic BPF', 'bulk': 'bulk lane alone'}[mode] in told, told


@pytest.mark.parametrize('mode', MODES)
def test_tcp_flows_however_frames_are_steered(lab, iperf3, workers, mode):
    s = lab.net(2, *MODES[mode], workers=workers)
    a, b = s.hosts
    for address in (b.v4, b.v6):
        a.must_reach(address)
        before = b.counter('TcpInCsumErrors')
        a.tcp(b, address, '20M')
        assert b.counter('TcpInCsumErrors') == before


def test_without_ring_memory_the_express_lane_stands_alone(lab):
    s = lab.net(2, '--ring-memory', 1, '--no-ebpf', workers=2)
    s.hosts[0].must_reach(s.hosts[1].v4)
    assert 'express alone' in s.ctl('status').stdout


def rings(s):
    """KiB of each lane's ring, and of all as status states them, which must agree and be at most what was allowed."""
    text = s.ctl('status').stdout
    each = {name: (lane, int(kib)) for name, lane, kib in re.findall(r'^lane (\S+): ([^,]*), ring (\d+) KiB', text, re.M)}
    used, allowed = map(int, re.search(r'^ring memory: (\d+) of (\d+) KiB$', text, re.M).groups())
    assert sum(kib for _, kib in each.values()) == used <= allowed, text
    return each, allowed


def test_ring_memory_is_never_exceeded_and_late_ports_work(lab, workers):
    """Each port takes half of what is left, and the last ones have their express lanes alone, as does one that comes later."""
    s = lab.net(4, '--ring-memory', 4, workers=workers)
    s.ctl('port', 'del', 's1', 'p4')
    each, allowed = rings(s)
    assert allowed == 4096 and each['p1/0'][1] * workers == 2048 and each['p2/0'][1] * workers == 1024, each
    s.ctl('port', 'add', 's1', 'p4', '4')
    each = rings(s)[0]
    assert all(each['p4/%d' % w] == ('express alone', 0) for w in range(workers)), each
    for host in s.hosts[1:]:
        s.hosts[0].must_reach(host.v4)
        host.must_reach(s.hosts[0].v6)
    s.ctl('port', 'del', 's1', 'p1')
    assert 'p1/0' not in rings(s)[0]
    s.ctl('port', 'add', 's1', 'p1', '1')
    assert rings(s)[0]['p1/0'][1] * workers >= 1024, rings(s)
    s.hosts[0].must_reach(s.hosts[3].v4)


def test_nothing_is_lost_beside_flow_mods(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('priority=10,in_port=1,actions=output:2', 'priority=10,in_port=2,actions=output:1')
    a.must_reach(b.v4)
    count = 200000
    sink = b.start_traffic('order', 5000, count)
    send = a.start_traffic_later('sequence', b.v4, 5000, count, 10)
    n = 0
    while send.alive():
        flows = ''.join('priority=%d,tcp,tp_dst=%d,actions=drop\n' % (1 + n % 7, i) for i in range(n, n + 50))
        s.tool('add-flows', '-', stdin=flows)
        n = (n + 50) % 5000
        if n % 500 == 0:
            s.tool('del-flows', 'tcp')
    got = received(sink)
    assert got['late'] == 0 and got['twice'] == 0, got
    # the last frames may be missing, too; and of what was dropped some may have said that it is the end
    missing, counted = count - got['received'], s.ports()['1']['rx_drop'] + s.drops().get('tx-full', 0) + lost_on_cables(a, s, b)
    assert 0 <= counted - missing < END_IS_SAID, (got, s.ports(), s.drops())
    eventually(s.ready, 'it still answers')
