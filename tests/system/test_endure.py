# SPDX-License-Identifier: ISC
"""Numbered frames at a steady rate beside a controller that changes flows a hundred times a second and comes back over and over.

RINGFLOW_LONG=1 (make check-long): 60 s at 100,000 frames/s, none lost.  The short form, on a machine that does other things too,
demands that what is missing is counted, frame by frame."""

import os
import re
import time

from openflow import Client, apply, flow, output
from test_order import received

LONG = bool(os.environ.get('RINGFLOW_LONG'))
SECONDS, RATE, STAY = (60, 100000, 5) if LONG else (6, 30000, 1)


def test_frames_pass_while_the_controller_works_and_comes_back(lab, osken):
    s = lab.net(2, '--fail-mode', 'secure', '--listen', 'ptcp:6653', quiet=True)
    a, b = s.hosts
    s.flow('priority=9000,in_port=1,actions=output:2', 'priority=9000,in_port=2,actions=output:1')
    a.must_reach(b.v4)
    before, count = s.ports(), SECONDS * RATE
    sink = b.start_traffic('order', 5000, count)
    sender = a.start_traffic_later('steady', b.v4, 5000, count, RATE)
    mods = connections = 0
    while sender.alive():
        c, connections = Client.connect(s, 6653), connections + 1
        begin, turn = time.monotonic(), 0
        while sender.alive() and time.monotonic() - begin < STAY:
            c.do(*[flow(apply(output(2)), priority=1 + n % 5000, eth_type=0x0800,
                        ipv4_dst='10.9.%d.%d' % (n >> 8 & 255, n & 255)) for n in range(mods, mods + 10)])
            mods += 10
            turn += 1
            time.sleep(max(0, begin + turn * 0.1 - time.monotonic()))
        c.close()
    got = received(sink)
    after = s.ports()
    counted = after['1']['rx_drop'] - before['1']['rx_drop'] + sum(s.drops().values())
    print('%(received)d frames, %(missing)d missing, %(late)d late, %(twice)d twice' % got, '%d flow-mods, %d connections' % (
        mods, connections))
    assert got['late'] == 0 and got['twice'] == 0, got
    assert connections >= 2 and mods >= 10 * SECONDS, (connections, mods)
    assert got['missing'] == counted, (got, counted, s.drops())
    assert not LONG or got['missing'] == 0, got
    assert int(re.search(r'flow_count=(\d+)', s.tool('dump-aggregate').stdout)[1]) > 2
