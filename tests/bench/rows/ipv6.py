# SPDX-License-Identifier: ISC
"""IPv6 5-tuple match and VLAN push: CPU per frame (ns) and times that of one rule"""

import own
from rig import Goal

SIDES = ('ringflow', 'ovs')
GOALS = (Goal('ipv6_x', '<=', 1.4),)


def setup(rig):
    own.start(rig)


def measure(rig):
    flows, frames = own.ruleset(rig, 'six:1000:7')
    flows = flows.replace('actions=output:2', 'actions=push_vlan:0x8100,set_field:4106->vlan_vid,output:2')
    return own.beside_one(rig, 'ipv6', flows, frames, 'in_port=1,actions=output:2\n')
