# SPDX-License-Identifier: ISC
"""100,000 exact MAC and VLAN rules, hit uniformly: CPU per frame (ns) and times that of one rule"""

import own
from rig import Goal

SIDES = ('ringflow', 'ovs')
GOALS = (Goal('mac_x', '<=', 1.5),)


def setup(rig):
    own.start(rig)


def measure(rig):
    flows, frames = own.ruleset(rig, 'mac:100000:7')
    return own.beside_one(rig, 'mac', flows, frames, 'in_port=1,actions=output:2\n')
