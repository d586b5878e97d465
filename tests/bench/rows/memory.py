# SPDX-License-Identifier: ISC
"""1,000,000 flows: memory beside the rings (MiB) with one worker and with four, and flow-mods/s meanwhile"""

import time

import ofraw
from rig import Goal

SIDES = ('ringflow', 'ovs')
ROUNDS = 1
GOALS = (Goal('workers_1', '<=', 300), Goal('workers_4', '<=', 364))
N = 1000000


def fill(rig, workers):
    rig.start(workers=workers)
    data = rig.bench.facts.get('million') or ofraw.tcp_flows(N)
    rig.bench.facts['million'] = data
    c = ofraw.Conn.unix(rig.mgmt)
    c.barrier()
    c.sock.settimeout(120)
    begin = time.monotonic()
    c.sock.sendall(data)
    if c.barrier():
        raise RuntimeError('%s: flow-mods refused' % rig.name)
    took = time.monotonic() - begin
    c.sock.close()
    rig.blast(1000, 100000)  # each worker sees frames
    return rig.memory_mib(), N / took


def measure(rig):
    out = {}
    out['workers_1'], out['mods_per_s'] = fill(rig, 1)
    if rig.name == 'ringflow':
        rig.stop()
        out['workers_4'], _ = fill(rig, 4)
    return out
