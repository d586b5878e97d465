# SPDX-License-Identifier: ISC
"""Rows that compare a target with itself: some flows beside one rule, both at the same offered rate in the same breath."""

import os

from lab import program, run

RATE = 300000
FRAMES = 200000


def start(rig, *options):
    """On the bulk lane from the start, or at such a rate one side of the comparison may find itself on the express lane."""
    rig.start(*options, *(('--express-load', 10) if rig.name == 'ringflow' else ()))


def ruleset(rig, name):
    """(text of flows, file of frames, each inside a random rule), made once a run."""
    facts = rig.bench.facts
    if name not in facts:
        stem = os.path.join(rig.bench.out, os.path.basename(name).replace(':', '-'))
        run(program('tests/bench/rulefiles'), name, FRAMES, stem + '.flows', stem + '.frames')
        with open(stem + '.flows') as f:
            facts[name] = f.read(), stem + '.frames'
    return facts[name]


def beside_one(rig, name, flows, frames, one, rate=RATE):
    """CPU per frame of 'flows' and times that of the single rule 'one'; loss."""
    rig.flows(one)
    single = rig.blast(1, rate)
    rig.flows(flows)
    many = rig.blast(frames, rate)
    return {name + '_cpu': many['cpu'], name + '_x': many['cpu'] / single['cpu'], name + '_loss': many['loss']}
