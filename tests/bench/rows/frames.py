# SPDX-License-Identifier: ISC
"""60-byte frames, one rule, 1 to 1,000,000 flows, at a rate that the ceiling carries and at the generator's best

The rate is looked for once: from 600,000 frames/s downwards in steps, the first at which the ceiling loses less than one frame in a
thousand, twice; what is measured is five sixths of that, so that a breath of the machine is not taken for the target's.  At the generator's
best, loss says as much about the generator: it has no goal."""

from rig import Goal
from targets import Wirefwd

SIDES = ('ringflow', 'wirefwd', 'ovs', 'ovs-afxdp')
FLOWS = (1, 1000, 1000000)
HELD = 0.1  # percent
GOALS = [Goal('loss_%d' % n, '<=', HELD, 'wirefwd', more=True) for n in FLOWS] + [
    Goal('cpu_1', '<=', 1.25, 'wirefwd'), Goal('cpu_1000', '<=', 1.25, 'wirefwd'), Goal('cpu_1000000', '<=', 1.4, 'wirefwd')]


def ceiling(bench):
    """Frames/s."""
    if 'ceiling' not in bench.facts:
        rig = Wirefwd(bench)
        try:
            rig.start()
            for rate in range(600000, 100000, -20000):
                if all(rig.blast(1000, rate)['loss'] < HELD for _ in range(2)):
                    break
        finally:
            rig.close()
        bench.facts['ceiling'] = rate * 5 // 6
        bench.tell('frames: the ceiling carries %d frames/s' % rate)
    return bench.facts['ceiling']


def setup(rig):
    ceiling(rig.bench)
    rig.start()


def measure(rig):
    out = {}
    for n in FLOWS[1:2] if rig.bench.quick else FLOWS:
        got = rig.blast(n, ceiling(rig.bench))
        rig.held = rig.held and (rig.name != 'wirefwd' or got['loss'] <= HELD)
        out.update({'loss_%d' % n: got['loss'], 'cpu_%d' % n: got['cpu']})
    for n in FLOWS[1:2] if rig.bench.quick else FLOWS:
        full = rig.blast(n)
        out.update({'full_kpps_%d' % n: full['pps'] / 1000, 'full_loss_%d' % n: full['loss'], 'full_cpu_%d' % n: full['cpu']})
    return out
