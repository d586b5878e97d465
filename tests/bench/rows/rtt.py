# SPDX-License-Identifier: ISC
"""Round trip of a ping every 20 ms, idle and beside 100,000 frames/s of 1,000 flows: median and 99th percentile (ms)"""

from rig import Goal, median

SIDES = ('ringflow', 'bridge', 'wirefwd', 'ovs', 'ovs-afxdp')
GOALS = (Goal('idle', '<=', 2, 'bridge'), Goal('idle', '<=', 0.2), Goal('beside_100k', '<=', 0.2))


def setup(rig):
    rig.start()


def measure(rig):
    idle = rig.ping_ms(30 if rig.bench.quick else 60)
    load = rig.generator(4 if rig.bench.quick else 3, 1000, 100000)
    beside = rig.ping_ms(50 if rig.bench.quick else 100)
    load.stop()
    return {'idle': median(idle), 'beside_100k': median(beside), 'beside_100k_p99': beside[int(len(beside) * 0.99)]}
