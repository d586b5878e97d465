# SPDX-License-Identifier: ISC
"""Other sets of ClassBench's families, and random headers: CPU per frame (ns) and times that of one rule

What holds for the sets of the row "sets" must not be those sets' luck.  Of random headers (addresses, ports, TCP or UDP) most are in
no rule, or in one of the widest."""

import os
import random

import own
from rig import Goal

SETS = {'acl_10k': 'acl:10000:%d', 'fw_10k': 'fw:10000:%d', 'ipc_10k': 'ipc:10000:%d'}
SEED, N = 11, 200000
SIDES = ('ringflow',)
ROUNDS = 3
GOALS = [Goal(name + end, '<=', 1.8) for name in SETS for end in ('_x', '_random_x')]


def random_frames(rig):
    """A file of them, made once a run."""
    path = os.path.join(rig.bench.out, 'random.frames')
    if path not in rig.bench.facts:
        rnd = random.Random(SEED)
        with open(path, 'wb') as f:
            for _ in range(N):
                head = b'\2\0\0\0\0\2\2\0\0\0\0\1\x08\0\x45\0\0\x2e' + bytes(4) + b'\x40' + rnd.choice((b'\x06', b'\x11'))
                f.write(head + bytes(2) + rnd.randbytes(12) + bytes(22))
        rig.bench.facts[path] = True
    return path


def setup(rig):
    own.start(rig)


def measure(rig):
    out, one = {}, 'in_port=1,actions=output:2\n'
    for name, made in SETS.items():
        flows, frames = own.ruleset(rig, made % SEED)
        out.update(own.beside_one(rig, name, flows, frames, one))
        out.update(own.beside_one(rig, name + '_random', flows, random_frames(rig), one))
    return out
