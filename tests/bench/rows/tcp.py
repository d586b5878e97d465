# SPDX-License-Identifier: ISC
"""TCP over default veths, no ethtool: Gbit/s, and the switch's CPU a KiB (ns)"""

from rig import Goal

SIDES = ('ringflow', 'bridge', 'wirefwd', 'ovs', 'ovs-afxdp')
GOALS = (Goal('gbps', '>=', 0.9, 'bridge'),)


def setup(rig):
    rig.start()


def measure(rig):
    gbps, cpu = rig.tcp(seconds=2 * rig.seconds)
    if not rig.pids:  # a kernel bridge works in the sender's and receiver's time
        cpu = float('nan')
    return {'gbps': gbps, 'cpu_ns_per_kib': cpu}
