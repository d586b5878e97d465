# SPDX-License-Identifier: ISC
"""60-byte frames, one rule, 1 to 1,000,000 flows, at the rate that the ceiling just carries and at the generator's best

Loss is demanded where the ceiling itself loses nothing.  Its rate is looked for once: from 600,000 frames/s downwards, the
first at which it loses less than one frame in a thousand, twice.  At the generator's best, loss says as much about the generator."""

from rig import Goal
from targets import Wirefwd

SIDES = ('ringflow', 'wirefwd', 'ovs', 'ovs-afxdp')
GOALS = (Goal('loss_1', '<=', 0.1), Goal('loss_1000', '<=', 0.1), Goal('loss_1000000', '<=', 0.1),
         Goal('cpu_1', '<=', 1.25, 'wirefwd'), Goal('cpu_1000', '<=', 1.5, 'wirefwd'), Goal('cpu_1000000', '<=', 1.4, 'wirefwd'))
HELD = 0.1  # percent


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
        bench.facts['ceiling'] = rate
        bench.tell('frames: the ceiling carries %d frames/s' % rate)
    return bench.facts['ceiling']


def measure(rig):
    rate = ceiling(rig.bench)
    rig.start()
    out = {}
    for n in (1000,) if rig.bench.quick else (1, 1000, 1000000):
        got = rig.blast(n, rate)
        rig.held = rig.held and (rig.name != 'wirefwd' or got['loss'] <= HELD)
        out.update({'loss_%d' % n: got['loss'], 'cpu_%d' % n: got['cpu']})
    full = rig.blast(1000)
    out.update({'full_kpps': full['pps'] / 1000, 'full_loss': full['loss'], 'full_cpu': full['cpu']})
    return out
