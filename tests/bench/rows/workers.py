# SPDX-License-Identifier: ISC
"""Two workers beside one: frames/s out of queues that were filled before, on two processors and on one

No generator runs while it is measured, as it would need a processor itself.  The daemon is stopped (SIGSTOP), the generator fills the
receive queues of eight ports one after the other and ends, the daemon goes on, and the clock runs until 99.9 % of the frames are out
(the kernel may drop one while it closes a ring's block by time).  Worker N is pinned to processor N.  The fastest of seven drains
counts: what else runs on the two processors can only make one longer.  'ring': the frames wait in the rings, where a switch that has
work for two workers takes them from; 'express': in the sockets of the express lanes, for comparison."""

import os
import signal
import time

import control
from lab import program
from rig import Goal, Skip, TWO, pinned

SIDES = ('ringflow',)
PORTS = 8
LANES = {'express': (6000, '--express-load', '100'), 'ring': (12000, '--no-steering')}  # frames that fit into a queue, options
GOALS = (Goal('ring_x', '>=', 1.7),)
RATE = 300000
DRAINS = 7
CROSSWISE = ''.join('in_port=%d,actions=output:%d\n' % (n, n + 1 if n % 2 else n - 1) for n in range(1, PORTS + 1))


class Counter:
    """Frames out of all ports, read without a process of its own: every millisecond of it would be one of the workers'."""

    def __init__(self, rig):
        self.file = control.in_namespace(rig.s.name, lambda: open('/proc/thread-self/net/dev', 'rb', buffering=0))

    def __call__(self):
        self.file.seek(0)
        return sum(int(line.split()[10]) for line in self.file.read().splitlines() if line.lstrip().startswith(b'p'))


def pin(rig, workers):
    """The threads that move frames are the busiest: told by what they have run in a moment of load."""
    tasks = '/proc/%d/task/' % rig.process.pid

    def ran():
        return {int(t): int(open(tasks + t + '/schedstat').read().split()[0]) for t in os.listdir(tasks)}
    before = ran()
    rig.blast(1000, 50000, seconds=0.3)
    more = {t: n - before.get(t, 0) for t, n in ran().items()}
    for cpu, thread in enumerate(sorted(sorted(more, key=more.get)[-workers:])):
        os.sched_setaffinity(thread, {cpu if workers > 1 else 1})


def fill(rig, frames):
    """'frames' to each port: how many were sent.  By both processors in turn, as the kernel gives a frame's memory back to the one that it
    came from, whoever is done with it."""
    total = 0
    for n, host in enumerate(rig.hosts):
        g = host.start(*pinned(n % 2), program('tests/bench/pktgen'), 'eth0', frames / RATE, 60, 1000, RATE)
        g.wait(30)
        total += int(g.text().split()[1])
    return total


def drain(rig, out, frames):
    """Frames/s."""
    os.kill(rig.process.pid, signal.SIGSTOP)
    try:
        before = out()
        sent = fill(rig, frames)
    finally:
        begin = time.monotonic()
        os.kill(rig.process.pid, signal.SIGCONT)
    while True:
        got, took = out() - before, time.monotonic() - begin
        if got >= 0.999 * sent:
            return got / took
        if took > 2:
            raise RuntimeError('workers: %d of %d frames came out' % (got, sent))
        time.sleep(max(0.0005, min(0.02, (sent - got) * 1e-6)))


def rates(rig, workers, lane):
    frames, *options = LANES[lane]
    rig.start('--ring-memory', '512', *options, workers=workers)
    rig.flows(CROSSWISE)
    pin(rig, workers)
    out = Counter(rig)
    got = max(drain(rig, out, frames) for _ in range(DRAINS))
    out.file.close()
    rig.stop()
    return got


def measure(rig):
    if not TWO:
        raise Skip('one processor')
    result = {}
    for lane in LANES:
        one, two = (rates(rig, n, lane) for n in (1, 2))
        result.update({lane + '_1_kpps': one / 1000, lane + '_2_kpps': two / 1000, lane + '_x': two / one})
    return result
