# SPDX-License-Identifier: ISC
"""From exec to forwarding with four ports (ms), and memory then beside the rings (MiB)

A sender knocks every half millisecond at port 1; what counts is the first frame that arrives at the host of port 2.  Without a
controller every frame is NORMAL's."""

import threading
import time

from rig import Goal
from rows.roundtrip import raw

SIDES = ('ringflow',)
PORTS = 4
GOALS = (Goal('start_ms', '<=', 100), Goal('memory_mib', '<=', 20))


def measure(rig):
    into, out = raw(rig.a), raw(rig.b)
    done = threading.Event()

    def knock():
        while not done.is_set():
            into.send(b'\xff' * 6 + b'\2\0\0\0\0\1\x88\xb5' + bytes(46))
            time.sleep(0.0005)
    out.settimeout(10)
    sender = threading.Thread(target=knock)
    sender.start()
    try:
        begin = time.monotonic()
        rig.launch('--fail-mode', 'standalone')
        out.recv(2048)
        took = (time.monotonic() - begin) * 1000
    finally:
        done.set()
        sender.join()
    rig.wait_ready()
    into.close()
    out.close()
    return {'start_ms': took, 'memory_mib': rig.memory_mib()}
