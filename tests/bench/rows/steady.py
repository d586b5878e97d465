# SPDX-License-Identifier: ISC
"""100,000 frames/s of 1,000 flows: loss (%), CPU per frame (ns)"""

from rig import Goal

SIDES = ('ringflow', 'wirefwd', 'ovs', 'ovs-afxdp')
GOALS = (Goal('loss', '<=', 0),)


def setup(rig):
    rig.start()


def measure(rig):
    got = rig.blast(1000, 100000, seconds=2 * rig.seconds)
    rig.held = rig.name != 'wirefwd' or got['loss'] == 0
    return {'loss': got['loss'], 'cpu': got['cpu']}
