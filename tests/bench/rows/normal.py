# SPDX-License-Identifier: ISC
"""NORMAL with 10,000 addresses behind the other port: CPU per frame (ns) and times that of one rule

The addresses are learnt from frames that come from there; the frames measured go to each of them in turn."""

import own
from lab import program
from rig import Goal, pinned

N = 10000
SIDES = ('ringflow', 'ovs')
GOALS = (Goal('normal_x', '<=', 1.3), Goal('loss', '<=', 0))
IP = bytes.fromhex('080045000020000000004011') + bytes(2) + bytes((10, 1, 0, 1, 10, 2, 0, 2)) + bytes.fromhex(
    '04001389000c0000') + bytes(18)


def mac(n):
    return bytes((2, 0, 1, 0, n >> 8, n & 255))


def frames(rig, name, of):
    path = rig.lab.file(name)
    with open(path, 'wb') as f:
        for n in range(N):
            f.write(of(n) + IP)
    return '@' + path


def setup(rig):
    own.start(rig, *(('--mac-table-size', 20000) if rig.name == 'ringflow' else ()))
    if rig.name == 'ovs':
        rig.vsctl('set', 'bridge', 'br0', 'other_config:mac-table-size=20000')


def measure(rig):
    rig.flows('actions=NORMAL\n')
    hello = frames(rig, 'hello', lambda n: bytes((2, 0, 0, 0, 0, 1)) + mac(n))
    for _ in range(2):
        rig.b.start(*pinned(0), program('tests/bench/pktgen'), 'eth0', 1, 60, hello, 20000).wait()
    there = frames(rig, 'there', lambda n: mac(n) + bytes((2, 0, 0, 0, 0, 1)))
    one = 'in_port=1,actions=output:2\n'
    out = own.beside_one(rig, 'normal', 'actions=NORMAL\n', there[1:], one)
    return {**out, 'loss': out.pop('normal_loss')}
