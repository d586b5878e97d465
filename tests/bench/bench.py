#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""bench.py [--quick] [--out FOLDER] [ROW...]: Ringflow beside its peers and beside itself, row by row.  See README.

A row is a file of rows/: its docstring's first line is its title, SIDES names the targets that it measures (ours first), GOALS what
is demanded, and measure(rig) returns {metric: value} of one target.  With setup(rig) a target is started once and the rounds find
it running, so that those of a round are measured within seconds; without it each measurement has a rig of its own.  Sides in ONCE
are started, measured and ended in the first round.

A round in which the generator differed by more than 5 % between the sides, or in which the ceiling lost what it must carry, is
measured again, at most twice.  What is told are medians over the rounds, and for ratios the median of the rounds' ratios."""

import argparse
import importlib
import os
import signal
import sys
import time

import report
from rig import BUILD, Skip, median
from targets import TARGETS

HERE = os.path.dirname(os.path.abspath(__file__))
ORDER = ('tcp', 'rtt', 'frames', 'steady', 'sets', 'families', 'mac', 'tables4', 'normal', 'ipv6', 'superframes', 'workers', 'flowmods',
         'churn', 'attack', 'packetins', 'roundtrip', 'start', 'memory')
QUICK = ('tcp', 'rtt', 'frames', 'tables4', 'flowmods', 'start')
TRIES = 3


class Bench:
    def __init__(self, rounds, seconds, peers, quick, out):
        self.rounds, self.seconds, self.peers, self.quick, self.out = rounds, seconds, peers, quick, out
        self.facts = {}  # what rows remember from one measurement to the next
        self.begin = time.monotonic()

    def tell(self, text):
        print('%5.0f s  %s' % (time.monotonic() - self.begin, text), file=sys.stderr, flush=True)


def rows(names):
    known = [n[:-3] for n in sorted(os.listdir(os.path.join(HERE, 'rows'))) if n.endswith('.py')]
    wrong = [n for n in names if n not in known]
    if wrong:
        sys.exit('bench: no such row: %s (there are: %s)' % (wrong[0], ' '.join(known)))
    return list(names) or [n for n in ORDER if n in known] + [n for n in known if n not in ORDER]


class Row:
    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.module = importlib.import_module('rows.' + name)
        self.title = self.module.__doc__.strip().splitlines()[0]
        self.goals = getattr(self.module, 'GOALS', ())
        self.once = getattr(self.module, 'ONCE', ('ovs', 'ovs-afxdp'))
        self.rounds = min(bench.rounds, getattr(self.module, 'ROUNDS', bench.rounds))
        self.skipped, self.data = {}, {}  # data: {side: [{metric: value} or None of each round]}
        self.running = {}  # {side: its rig}
        self.sides = [s for s in self.module.SIDES if s == 'ringflow' or s in bench.peers]
        for side in self.sides:
            why = TARGETS[side].missing()
            if why:
                self.skip(side, why)

    def skip(self, side, why):
        self.skipped[side] = why
        self.bench.tell('%s: %s: skipped, %s' % (self.name, side, why))

    def stays(self, side):
        return hasattr(self.module, 'setup') and side not in self.once

    def rig(self, side):
        rig = TARGETS[side](self.bench, getattr(self.module, 'PORTS', 2))
        try:
            if hasattr(self.module, 'setup'):
                self.module.setup(rig)
        except BaseException:
            rig.close()
            raise
        return rig

    def measure(self, side):
        rig = self.running.pop(side, None) or self.rig(side)
        try:
            rig.sent, rig.held = [], True
            values = self.module.measure(rig)
        except BaseException:
            rig.close()
            raise
        if self.stays(side):
            self.running[side] = rig
        else:
            rig.close()
        return values, rig

    def round(self, sides):
        """Measures the sides; None: it was unfair."""
        values, first = {}, None
        for side in sides:
            try:
                values[side], rig = self.measure(side)
            except Skip as why:
                self.skip(side, why)
                continue
            first = first or rig
            alike = all(abs(a - b) <= 0.05 * a for a, b in zip(first.sent, rig.sent))
            if side not in self.once and not (alike and rig.held):
                self.bench.tell('%s: %s' % (self.name, 'the generator differed' if not alike else 'the ceiling lost frames'))
                return None
        return values

    def run(self):
        try:
            for n in range(self.rounds):
                self.one_of(n)
        finally:
            for rig in self.running.values():
                rig.close()

    def one_of(self, n):
        sides = [s for s in self.sides if s not in self.skipped and (n == 0 or s not in self.once)]
        for attempt in range(TRIES):
            values = self.round(sides)
            if values:
                break
        if not values:
            self.bench.tell('%s: round %d is left out: the machine was not quiet' % (self.name, n + 1))
            return
        for side, metrics in values.items():
            self.data.setdefault(side, []).append(metrics)
        self.bench.tell('%s %d/%d: %s' % (self.name, n + 1, self.rounds, '   '.join(
            '%s %s' % (s, ' '.join('%s=%.3g' % m for m in v.items())) for s, v in values.items())))

    def result(self):
        """One dictionary for each metric: its medians, and for each peer the ratio."""
        ours, lines = self.data.get('ringflow', []), []
        for metric in (ours[0] if ours else {}):
            line = {'row': self.name, 'title': self.title, 'metric': metric, 'rounds': len(ours), 'values': {}, 'ratios': {},
                    'verdicts': []}
            for side, data in self.data.items():
                values = [v[metric] for v in data if v.get(metric) is not None and v[metric] == v[metric]]
                if values:
                    line['values'][side] = median(values)
                    ratios = sorted(o[metric] / v[metric] for o, v in zip(ours, data) if v.get(metric) and metric in o)
                    if side != 'ringflow' and ratios:
                        line['ratios'][side] = (median(ratios), ratios[0], ratios[-1])
            for goal in self.goals:
                if goal.metric == metric:
                    at = goal.at(line, ours, self.data.get(goal.peer, []))
                    line['verdicts'].append((goal, at, None if at is None else goal.met(at)))
            lines.append(line)
        return lines


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--quick', action='store_true', help='one short round of a few rows')
    p.add_argument('--out', default=os.path.join(BUILD, 'bench'), help='folder for bench.tsv, bench.svg and bench.txt')
    p.add_argument('rows', nargs='*', metavar='ROW')
    args = p.parse_args()
    if os.geteuid():
        sys.exit('bench: must run as root (namespaces are made)')
    env = os.environ.get
    bench = Bench(int(env('ROUNDS') or (1 if args.quick else 5)), float(env('SECONDS_EACH') or (0.5 if args.quick else 1)),
                  (env('PEERS') or ('wirefwd bridge' if args.quick else 'wirefwd bridge ovs ovs-afxdp')).split(), args.quick,
                  args.out)
    os.makedirs(args.out, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the rig takes itself back
    done = []
    for name in rows(args.rows or (QUICK if args.quick else ())):
        row = Row(bench, name)
        bench.tell('%s: %s' % (name, row.title))
        try:
            row.run()
        except (RuntimeError, AssertionError, OSError) as e:
            bench.tell('%s: failed: %s' % (name, e))
            row.failed = str(e)
        done.append(row)
        report.write(args.out, done, bench)
    print(open(os.path.join(args.out, 'bench.txt')).read(), end='')
    bench.tell('also in %s: bench.tsv, bench.svg' % args.out)
    return 1 if any(hasattr(r, 'failed') for r in done) else 0


if __name__ == '__main__':
    sys.exit(main())
