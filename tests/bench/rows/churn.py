# SPDX-License-Identifier: ISC
"""1,000 flows at full rate beside 1,000 flow-mods/s: share of the rate, and of CPU per frame, of the same beside as many echo requests

elsewhere: rules of other hosts; overlap: rules that take some of the frames, below what forwards them; acl: above it, of many masks."""

import os
import sys
import time

from rig import HERE, Goal, pinned
from targets import FORWARD

SIDES = ('ringflow', 'ovs')
KINDS = ('elsewhere', 'overlap', 'acl')
ROUNDS = 3
GOALS = [Goal(kind + '_x', '>=', 0.8) for kind in KINDS]


def beside(rig, kind):
    seconds = rig.seconds
    sender = rig.s.start(*pinned(0), sys.executable, '-B', os.path.join(HERE, 'churn.py'), rig.mgmt, 1000, seconds + 1, kind)
    time.sleep(0.5)
    figures = rig.blast()
    sender.wait(seconds + 30)
    return figures


def setup(rig):
    rig.start()


def measure(rig):
    rig.flows(FORWARD)
    alone, out = beside(rig, 'echo'), {}
    for kind in KINDS:
        f = beside(rig, kind)
        out[kind + '_x'] = f['pps'] / alone['pps']
        out[kind + '_cpu_x'] = f['cpu'] / alone['cpu']
    return out
