# SPDX-License-Identifier: ISC
"""1,000,000 flows, each hit by frames: memory beside the rings (MiB) with one worker and with four, and flow-mods/s meanwhile"""

import struct
import time

import ofraw
from rig import Goal

SIDES = ('ringflow', 'ovs')
ROUNDS = 1
GOALS = (Goal('workers_1', '<=', 300), Goal('workers_4', '<=', 364))
N = 1000000
GENERATED = 1 << 20  # the generator's flows: of a power of two each comes once a round
RATE = 200000


def udp_flows():
    """Flow-mods for the first N flows of the generator (pktgen.c), output to port 2."""
    src, dst, port = b'\x0a\x01\x00\x00', b'\x0a\x02\x00\x00', struct.pack('!H', 1024)
    one = ofraw.flow_mod([ofraw.oxm(5, b'\x08\x00'), ofraw.oxm(10, b'\x11'), ofraw.oxm(11, src), ofraw.oxm(12, dst),
                          ofraw.oxm(15, port)], ofraw.output(2), priority=40000)
    low, mid = bytes(range(256)), b''.join(bytes([i]) * 256 for i in range(256))
    columns = {one.index(port) + 1: b''.join(bytes([i]) * 65536 for i in range(-(-N // 65536)))}
    for address in (src, dst):
        columns.update({one.index(address) + 3: low, one.index(address) + 2: mid})
    return ofraw.repeat(one, N, columns)


def hit(rig):
    """Every flow's frame, twice, through whichever worker has it: counters and caches have their full size.  Open vSwitch, to which each
    of them is a new flow, drops most, and has the memory that the others take."""
    got = rig.blast(GENERATED, RATE, seconds=2 * GENERATED / RATE)
    if rig.name == 'ringflow' and got['pps'] * 2 * GENERATED / RATE < N:
        raise RuntimeError('too few frames arrived')


def fill(rig, workers):
    rig.start(workers=workers)
    data = rig.bench.facts.get('million') or udp_flows()
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
    hit(rig)
    return rig.memory_mib(), N / took


def measure(rig):
    out = {}
    out['workers_1'], out['mods_per_s'] = fill(rig, 1)
    if rig.name == 'ringflow':
        rig.stop()
        out['workers_4'], _ = fill(rig, 4)
    return out
