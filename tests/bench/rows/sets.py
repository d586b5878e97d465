# SPDX-License-Identifier: ISC
"""ClassBench's families, each frame inside another random rule: CPU per frame (ns) and times that of one rule

CLASSBENCH=FOLDER takes acl1_1k, acl1_10k, fw1_10k and ipc1_10k from there; else sets of the same shapes are made (ruleset.h)."""

import os

import own
from rig import Goal

SETS = {'acl_1k': ('acl1_1k', 'acl:1000:7'), 'acl_10k': ('acl1_10k', 'acl:10000:7'), 'fw_10k': ('fw1_10k', 'fw:10000:7'),
        'ipc_10k': ('ipc1_10k', 'ipc:10000:7')}
SIDES = ('ringflow', 'ovs')
GOALS = [Goal(name + '_x', '<=', 1.8) for name in SETS]


def setup(rig):
    own.start(rig)


def measure(rig):
    folder, out = os.environ.get('CLASSBENCH'), {}
    for name, (real, made) in SETS.items():
        flows, frames = own.ruleset(rig, os.path.join(folder, real) if folder else made)
        out.update(own.beside_one(rig, name, flows, frames, 'in_port=1,actions=output:2\n'))
    return out
