# SPDX-License-Identifier: ISC
"""Flow-mods/s, pipelined, one barrier at the end: idle, beside 200,000 frames/s of 1,000 flows, and delete-all (ms)"""

import time

import ofraw
from lab import eventually
from rig import Goal

SIDES = ('ringflow', 'ovs')
ONCE = ()
N = 60000
GOALS = (Goal('idle', '>=', 3, 'ovs'), Goal('beside_x', '>=', 0.3))


def rest(rig):
    """Until processor 1 is idle: the side that was measured last still frees what it was told to delete, and on the same processor."""
    def is_idle():
        begin, busy = time.monotonic_ns(), rig.cpu_ns()
        time.sleep(0.2)
        return rig.cpu_ns() - busy < 0.1 * (time.monotonic_ns() - begin)

    eventually(is_idle, 'processor 1 is idle', 20)


def rate(rig):
    """(flow-mods/s, ms that delete-all took)."""
    c = ofraw.Conn.unix(rig.mgmt)
    c.barrier()
    facts = rig.bench.facts
    data = facts.setdefault('tcp_flows', ofraw.tcp_flows(N))
    begin = time.monotonic()
    c.sock.sendall(data)
    errors = c.barrier()
    took = time.monotonic() - begin
    if errors:
        raise RuntimeError('%s: %d flow-mods refused' % (rig.name, errors))
    begin = time.monotonic()
    c.sock.sendall(ofraw.flow_mod([ofraw.oxm(5, b'\x08\x00'), ofraw.oxm(10, b'\x06')], b'', command=3))
    c.barrier()
    gone = time.monotonic() - begin
    c.sock.close()
    return N / took, gone * 1000


def setup(rig):
    rig.start()


def measure(rig):
    rest(rig)
    idle, gone = rate(rig)
    rest(rig)
    load = rig.generator(30, 1000, 200000)
    time.sleep(0.5)
    beside, _ = rate(rig)
    load.stop()
    return {'idle': idle, 'beside_200k': beside, 'beside_x': beside / idle, 'delete_all_ms': gone}
