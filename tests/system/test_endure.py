# SPDX-License-Identifier: ISC
"""Numbered frames at a steady rate beside a controller that changes a hundred flows a second, looks at all of them each second and
comes back over and over.

RINGFLOW_LONG=1 (make check-long): 10^7 frames at 100,000 a second, none lost and none out of order, the controller new every 5 s.  The
short form, on a machine that does other things too, demands that what is missing is counted, frame by frame."""

import os
import re
import time

from lab import eventually, program
from openflow import Client, apply, flow, output
from test_order import END_IS_SAID, lost_on_cables, received

LONG = bool(os.environ.get('RINGFLOW_LONG'))
SECONDS, RATE, STAY = (100, 100000, 5) if LONG else (6, 30000, 1)
EACH, PERIOD = 10, 0.1  # flow-mods of one turn, seconds
NUMBERED = program('tests/system/numbered')


def control(s, done):
    """Returns how many flow-mods, connections and dumps there were."""
    mods = connections = dumps = turns = 0
    while not done():
        c, connections = Client.connect(s, 6653), connections + 1
        begin, turn = time.monotonic(), 0
        while not done() and time.monotonic() - begin < STAY:
            c.do(*[flow(apply(output(2)), priority=1 + n % 5000, eth_type=0x0800,
                        ipv4_dst='10.9.%d.%d' % (n >> 8 & 255, n & 255)) for n in range(mods, mods + EACH)])
            mods, turn, turns = mods + EACH, turn + 1, turns + 1
            if turns % 10 == 0:
                s.tool('dump-flows')
                dumps += 1
            time.sleep(max(0, begin + turn * PERIOD - time.monotonic()))
        c.close()
    return mods, connections, dumps


def test_frames_pass_while_the_controller_works_and_comes_back(lab, osken):
    s = lab.net(2, '--fail-mode', 'secure', '--listen', 'ptcp:6653', quiet=True)
    a, b = s.hosts
    s.flow('priority=9000,in_port=1,actions=output:2', 'priority=9000,in_port=2,actions=output:1')
    a.must_reach(b.v4)
    before, count = s.ports(), SECONDS * RATE
    sink = b.start(NUMBERED, 'receive', 'eth0', count)
    eventually(lambda: 'ready' in sink.text(), 'the receiver')
    begin = time.monotonic()
    sender = a.start(NUMBERED, 'send', 'eth0', b.mac, count, RATE)
    mods, connections, dumps = control(s, lambda: not sender.alive())
    took = time.monotonic() - begin
    got = received(sink)
    after = s.ports()
    counted = after['1']['rx_drop'] - before['1']['rx_drop'] + sum(s.drops().values()) + lost_on_cables(a, s, b)
    print('%(received)d frames, %(missing)d missing, %(late)d late, %(twice)d twice' % got,
          'in %.0f s; %d flow-mods, %d connections, %d dumps' % (took, mods, connections, dumps))
    print(s.ctl('status').stdout)
    assert got['late'] == 0 and got['twice'] == 0, got
    assert connections >= 2 and mods >= EACH * SECONDS and dumps, (connections, mods, dumps)
    assert 0 <= counted - got['missing'] < END_IS_SAID, (got, counted, s.drops())  # the end may be dropped, too
    assert not LONG or got['missing'] == 0, got
    assert int(re.search(r'flow_count=(\d+)', s.tool('dump-aggregate').stdout)[1]) > 2
