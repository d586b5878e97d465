# SPDX-License-Identifier: ISC
"""What a row of the bench measures with: two hosts, a switch's namespace between them, one target at a time in it.

The generator runs on processor 0 and the target on processor 1.  CPU per frame is the time in which processor 1 was not idle: a
target can't hide its work in interrupts, and the kernel, which on most machines tells the time of processes and of interrupts only
as often as its clock ticks, knows that one exactly."""

import json
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'system'))
sys.dont_write_bytecode = True

from lab import BUILD, Lab, Namespace, eventually, program, run  # noqa: E402

TICK_NS = 1e9 / os.sysconf('SC_CLK_TCK')
TWO = os.cpu_count() >= 2
SETTLE = 0.3  # seconds until what was sent has arrived


def pinned(cpu):
    return ('taskset', '-c', str(cpu)) if TWO else ()


class Goal:
    """A metric is at most or at least so much: itself; or its ratio to a peer's in the same round; or, if 'more', what it is above the
    peer's."""

    def __init__(self, metric, op, bound, peer=None, more=False):
        self.metric, self.op, self.bound, self.peer, self.more = metric, op, bound, peer, more

    def at(self, line, ours, theirs):
        """Where it stands: of a line of results, and our and the peer's measurements, round by round; None: not measured."""
        if self.more:
            gaps = [o[self.metric] - t[self.metric] for o, t in zip(ours, theirs)]
            return median(gaps) if gaps else None
        return line['ratios'].get(self.peer, (None,))[0] if self.peer else line['values'].get('ringflow')

    def met(self, value):
        return value <= self.bound if self.op == '<=' else value >= self.bound

    def __str__(self):
        if self.more:
            return "%s %s's + %g" % (self.op, self.peer, self.bound)
        return '%s %g%s' % (self.op, self.bound, ' x %s' % self.peer if self.peer else '')


class Skip(Exception):
    """Why a target can't do a row; said once, in the place of its figures."""


class Rig:
    """Namespaces for one measurement.  A row gets it with its target not yet started: 'start' does that."""

    name, has_flows = '', False

    def __init__(self, bench, ports=2):
        self.bench, self.seconds, self.sent, self.held = bench, bench.seconds, [], True
        self.lab = Lab()
        self.pids = []
        try:
            self._cables(ports)
        except BaseException:
            self.lab.close()
            raise

    def _cables(self, ports):
        self.s = Namespace(self.lab, self.lab.id + '-s')
        self.hosts = []
        for n in range(1, ports + 1):
            host = Namespace(self.lab, '%s-%s' % (self.lab.id, 'abcdefgh'[n - 1]))
            for ns in (host, self.s):
                ns.sh('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
            run('ip', 'link', 'add', 'eth0', 'netns', host.name, 'address', '02:00:00:00:00:%02x' % n, 'type', 'veth',
                'peer', 'name', 'p%d' % n, 'netns', self.s.name)
            host.ip('addr', 'add', '10.%d.0.%d/8' % (n, n), 'dev', 'eth0')
            host.ip('link', 'set', 'eth0', 'up')
            self.s.ip('link', 'set', 'p%d' % n, 'up')
            self.hosts.append(host)
        self.a, self.b = self.hosts[:2]

    def ports(self):
        return ['p%d' % (n + 1) for n in range(len(self.hosts))]

    def close(self):
        self.lab.close()

    # ---- what a target is; the classes of targets.py fill this in ----

    @classmethod
    def missing(cls):
        """Why this target can't be measured on this machine; None: it can."""
        return None

    def start(self, *options, workers=1):
        """The target between the two hosts, forwarding whatever comes from one to the other."""
        raise NotImplementedError

    def flows(self, text):
        """The lines of 'text' (add-flows syntax) in the place of all flows."""
        raise Skip('has no flow tables')

    # ---- figures ----

    def frames_at(self, host):
        return int(host.sh('cat', '/sys/class/net/eth0/statistics/rx_packets').stdout)

    def cpu_ns(self):
        """Time in which processor 1 was not idle, since some moment; on a machine with one processor, of the target's processes."""
        if not TWO:
            return self.process_ns()
        with open('/proc/stat') as f:
            words = next(line for line in f if line.startswith('cpu1 ')).split()
        return time.monotonic_ns() - (int(words[4]) + int(words[5])) * TICK_NS

    def process_ns(self):
        """Time of the target's processes."""
        total = 0
        for pid in self.pids:
            with open('/proc/%d/stat' % pid) as f:
                total += sum(map(int, f.read().rpartition(')')[2].split()[11:13]))
        return total * TICK_NS

    def memory_mib(self):
        """Anonymous and shared memory of the target: what it holds beside the kernel's rings."""
        total = 0
        for pid in self.pids:
            with open('/proc/%d/smaps_rollup' % pid) as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith(('Anonymous:', 'Pss_Shmem:')))
        return total / 1024

    def generator(self, seconds, flows, rate, size=60):
        """pktgen in the background; flows: a number, or a file of frames."""
        return self.a.start(*pinned(0), program('tests/bench/pktgen'), 'eth0', seconds, size,
                            flows if isinstance(flows, int) else '@' + flows, rate)

    def blast(self, flows=1000, rate=0, size=60, seconds=None):
        """Frames from a to b: {'pps', 'loss' (%), 'cpu' (ns a frame)}, as they arrived at b."""
        seconds = seconds or self.seconds
        before, cpu = self.frames_at(self.b), self.cpu_ns()
        g = self.generator(seconds, flows, rate, size)
        g.wait(seconds + 30)
        time.sleep(SETTLE)
        got, cpu = self.frames_at(self.b) - before, self.cpu_ns() - cpu
        words = g.text().split()
        if len(words) < 4:
            raise RuntimeError('pktgen: ' + g.text())
        sent, took = int(words[1]), float(words[3])
        if rate:  # at its best a generator is as fast as whoever takes its frames lets it be
            self.sent.append(sent / took)
        return {'pps': got / took, 'loss': max(0.0, 100 * (sent - got) / sent) if sent else 0.0,
                'cpu': cpu / got if got else float('nan')}

    def must_reach(self):
        eventually(lambda: self.a.sh('ping', '-q', '-c', 1, '-W', 1, '10.2.0.2', check=False).returncode == 0,
                   self.name + ' forwards', 10)

    def ping_ms(self, count):
        """Round trips in ms, ascending; ping does not wait for the generator's processor."""
        out = self.a.sh(*pinned(1), 'ping', '-c', count, '-i', '0.02', '10.2.0.2', check=False).stdout
        times = sorted(float(t) for t in re.findall(r'time=([\d.]+) ms', out))
        if not times:
            raise RuntimeError('%s: no ping came back' % self.name)
        return times

    def tcp(self, address='10.2.0.2', seconds=None, port=5201, at_port=None):
        """(Gbit/s at the receiver, ns of the target's processes a KiB).  A target over which TCP hangs has 0."""
        seconds = max(2, seconds or self.seconds)
        server = self.b.start('iperf3', '-s', '-1', '--forceflush', '-p', at_port or port)
        eventually(lambda: 'listening' in server.text(), 'iperf3 listens')
        cpu = self.process_ns()
        try:
            done = self.a.sh('iperf3', '-J', '-c', address, '-p', port, '-t', seconds, check=False, limit=seconds + 6)
        except subprocess.TimeoutExpired:
            return 0.0, float('nan')
        finally:
            cpu = self.process_ns() - cpu
            server.stop()
        end = json.loads(done.stdout).get('end', {}).get('sum_received') if done.returncode == 0 else None
        if not end or not end['bytes']:
            return 0.0, float('nan')
        return end['bits_per_second'] / 1e9, cpu / (end['bytes'] / 1024)


def median(values):
    return statistics.median(values)
