# SPDX-License-Identifier: ISC
"""One numbered flow whose rate crosses the lane thresholds at each period: nothing late, nothing twice."""

import json

import pytest

from lab import eventually


def received(p, limit=120):
    p.wait(limit)
    return json.loads(p.text().strip().splitlines()[-1])


@pytest.mark.parametrize('period', [3, 10, 30])
def test_order_is_kept_while_lanes_switch(lab, workers, period):
    s = lab.net(2, quiet=True, workers=workers)
    a, b = s.hosts
    a.must_reach(b.v4)
    count = 200000
    sink = b.start_traffic('order', 5000, count)
    a.traffic('sequence', b.v4, 5000, count, period, limit=180)
    got = received(sink)
    assert got['late'] == 0 and got['twice'] == 0, got
    assert got['received'] > count * 0.5, (got, s.drops(), s.ports())


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
    assert got['missing'] == s.ports()['1']['rx_drop'] + s.drops().get('tx-full', 0), (got, s.ports(), s.drops())
    eventually(s.ready, 'it still answers')
