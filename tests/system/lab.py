# SPDX-License-Identifier: ISC
"""What a system test is built of: namespaces and cables, a switch, a controller, certificates.

Every object registers how to take itself back with its Lab; the lab does so in reverse order."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get('RINGFLOW_BUILD', os.path.join(TOP, 'build')))
PATIENCE = 60  # seconds after which what must come is given up


def program(name):
    return os.path.join(BUILD, name)


def eventually(question, what, limit=PATIENCE, pause=0.05):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + limit
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, 'in %d s not come: %s' % (limit, what() if callable(what) else what)
        time.sleep(pause)


def run(*words, check=True, limit=180, stdin=None, env=None):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=limit, input=stdin, env=env)
    assert not check or done.returncode == 0, '%s: status %d\n%s%s' % (
        ' '.join(map(str, words)), done.returncode, done.stdout, done.stderr)
    return done


class Process:
    """A program in the background, its output in a file."""

    def __init__(self, lab, words, log, env=None):
        self.log = log
        with open(log, 'a') as out:
            self.proc = subprocess.Popen([str(w) for w in words], stdout=out, stderr=subprocess.STDOUT,
                                         stdin=subprocess.DEVNULL, env=env)
        lab.later(self.stop)

    @property
    def pid(self):
        return self.proc.pid

    def text(self):
        with open(self.log, errors='replace') as f:
            return f.read()

    def alive(self):
        return self.proc.poll() is None

    def wait(self, limit=PATIENCE):
        return self.proc.wait(limit)

    def stop(self, sig=signal.SIGTERM):
        """Returns the exit status."""
        if self.alive():
            self.proc.send_signal(sig)
        try:
            return self.proc.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
            raise AssertionError('it does not stop: ' + self.text()[-2000:]) from None


class Namespace:
    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        run('ip', 'netns', 'add', name)
        lab.later(lambda: run('ip', 'netns', 'del', name, check=False))
        self.sh('sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.router_solicitations=0')
        self.ip('link', 'set', 'lo', 'up')

    def words(self, *words):
        return ('ip', 'netns', 'exec', self.name) + words

    def sh(self, *words, **how):
        return run(*self.words(*words), **how)

    def ip(self, *words, **how):
        return run('ip', '-n', self.name, *words, **how)

    def start(self, *words, log=None, env=None):
        return Process(self.lab, self.words(*words), log or self.lab.file('out'), env)

    def traffic(self, *words, **how):
        return self.sh(sys.executable, '-B', os.path.join(HERE, 'traffic.py'), *words, **how)

    def start_traffic(self, *words):
        p = self.start(sys.executable, '-B', '-u', os.path.join(HERE, 'traffic.py'), *words)
        eventually(lambda: 'ready' in p.text() or not p.alive(), 'the receiver')
        return p

    def start_traffic_later(self, *words):
        return self.start(sys.executable, '-B', os.path.join(HERE, 'traffic.py'), *words)

    def counter(self, name):
        """One number of /proc/net/snmp or snmp6, such as TcpInCsumErrors."""
        return int(self.sh('nstat', '-asz', name).stdout.split('\n')[1].split()[1])

    def link(self, name):
        done = self.ip('-j', '-d', '-s', 'link', 'show', name, check=False)
        return json.loads(done.stdout)[0] if done.returncode == 0 else None


class Host(Namespace):
    """A namespace with one interface, eth0; the other end of the cable is pN in the switch's namespace."""

    def __init__(self, lab, switch_ns, number, quiet=False, mtu=None):
        super().__init__(lab, '%s-h%d' % (lab.id, number))
        self.number, self.port = number, 'p%d' % number
        self.v4, self.v6 = '10.0.0.%d' % number, 'fd00::%d' % number
        self.mac = '02:00:00:00:00:%02x' % number
        if quiet:  # sends nothing of its own accord
            self.sh('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
            switch_ns.sh('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
        self.quiet, self.mtu = quiet, mtu
        self.plug(switch_ns)

    def plug(self, switch_ns):
        """A new cable to the switch."""
        run('ip', 'link', 'add', 'eth0', 'netns', self.name, 'address', self.mac, 'type', 'veth', 'peer', 'name',
            self.port, 'netns', switch_ns.name)
        if self.mtu:
            self.ip('link', 'set', 'eth0', 'mtu', self.mtu)
            switch_ns.ip('link', 'set', self.port, 'mtu', self.mtu)
        self.ip('addr', 'add', self.v4 + '/24', 'dev', 'eth0')
        if not self.quiet:
            self.ip('addr', 'add', self.v6 + '/64', 'dev', 'eth0', 'nodad')
        self.ip('link', 'set', 'eth0', 'up')

    def reaches(self, address, count=1, wait=1):
        return self.sh('ping', '-q', '-c', count, '-i', '0.1', '-W', wait, '-w', wait + count, address,
                       check=False).returncode == 0

    def must_reach(self, *addresses):
        for address in addresses:
            eventually(lambda a=address: self.reaches(a), 'host %d reaches %s' % (self.number, address))

    def tcp(self, server, address, size='20M', more=()):
        """'size' bytes of TCP to the host 'server'; returns what the receiver counted."""
        listener = server.start('iperf3', '-s', '-1', '--forceflush')
        eventually(lambda: 'listening' in listener.text(), 'iperf3 listens')
        done = self.sh('iperf3', '-J', '-c', address, '-n', size, *more, limit=180, check=False)
        listener.stop()
        assert done.returncode == 0, done.stdout[-1500:] + listener.text()
        return json.loads(done.stdout)['end']['sum_received']


class Switch:
    """One rf-switchd with one bridge or several."""

    def __init__(self, lab, ns, *options, name='s1', ports=(), rundir=None, wait=True, workers=1, under=()):
        """'under': a command that runs it, and what that takes away."""
        self.lab, self.ns, self.name = lab, ns, name
        self.rundir = rundir or lab.folder()
        words = [*under, program('rf-switchd'), '--rundir', self.rundir, '--sandbox', 'strict', '--workers', workers, '--bridge',
                 name, '--dpid', '0000000000000001', '--no-local']
        for number, port in ports:
            words += ['--port', '%d=%s' % (number, port)]
        self.process = ns.start(*words, *options, log=lab.file('switchd'))
        if wait:
            eventually(lambda: self.ready() or not self.process.alive(), lambda: 'rf-switchd: ' + self.log())
            assert self.process.alive(), self.log()

    def log(self):
        return self.process.text()

    def ready(self):
        return os.path.exists(self.mgmt_path()) and self.ctl('status', check=False).returncode == 0

    def mgmt_path(self, name=None):
        return os.path.join(self.rundir, (name or self.name) + '.mgmt')

    def ctl(self, *words, check=True):
        return run(program('rf-ctl'), '--rundir', self.rundir, *words, check=check)

    def ctl_json(self, *words):
        return json.loads(run(program('rf-ctl'), '--rundir', self.rundir, '--json', *words).stdout)

    def links_up(self, *names):
        """Waits until the switch has heard that these ports have their links: the kernel tells of it in its own time."""
        def up():
            lines = [line.split() for line in self.ctl('port', 'show', self.name).stdout.splitlines()]
            return set(names) <= {words[2] for words in lines if words[3] == 'up'}
        eventually(up, lambda: self.ctl('port', 'show', self.name).stdout)

    def connected(self):
        return self.ctl('is-connected', self.name, check=False).returncode == 0

    def ofctl(self, command, *words, check=True, stdin=None, options=()):
        """Real ovs-ofctl over the management socket."""
        lab_need('ovs-ofctl')
        return run('ovs-ofctl', '-O', 'OpenFlow13', '-t', 120, *options, command, 'unix:' + self.mgmt_path(), *words,
                   check=check, stdin=stdin)

    def tool(self, command, *words, check=True, stdin=None, options=()):
        """Our rf-ofctl over the management socket."""
        return run(program('rf-ofctl'), '-t', 120, *options, command, 'unix:' + self.mgmt_path(), *words, check=check,
                   stdin=stdin)

    def flow(self, *flows):
        for flow in flows:
            self.tool('add-flow', flow)

    def ports(self):
        """{number: {'rx': ..., 'tx': ..., 'rx_drop': ...}} from dump-ports."""
        counts = {}
        for number, body in re.findall(r'port\s+"?(\w+)"?: (.*?)(?=port\s+"?\w+"?: |\Z)', self.tool('dump-ports').stdout,
                                       re.S):
            rx = re.search(r'rx pkts=(\d+), bytes=(\d+), drop=(\d+)', body)
            tx = re.search(r'tx pkts=(\d+), bytes=(\d+), drop=(\d+)', body)
            counts[number] = {'rx': int(rx[1]), 'rx_bytes': int(rx[2]), 'rx_drop': int(rx[3]), 'tx': int(tx[1]),
                              'tx_bytes': int(tx[2]), 'tx_drop': int(tx[3])}
        return counts

    def drops(self):
        return {k: v for k, v in self.ctl_json('drops', self.name).items() if v}

    def monitor(self):
        """ovs-ofctl monitor in the background: its output is what the switch sends unasked."""
        lab_need('ovs-ofctl')
        p = Process(self.lab, ('ovs-ofctl', '-O', 'OpenFlow13', 'monitor', 'unix:' + self.mgmt_path(), '65535'),
                    self.lab.file('monitor'), env=dict(os.environ, OVS_RUNDIR=self.rundir))
        socket = os.path.join(self.rundir, 'ovs-ofctl.%d.ctl' % p.pid)
        # it has a socket, and answers this there, when it has asked for what it wants
        eventually(lambda: not p.alive() or run('ovs-appctl', '-t', socket, 'ofctl/barrier', check=False).returncode == 0, p.text)
        assert p.alive(), p.text()
        return p

    def stop(self):
        return self.process.stop()


class Controller:
    """The learning application of examples/ under os-ken, on 127.0.0.1 in the switch's namespace."""

    def __init__(self, lab, ns, *options, port=6653):
        self.port = port
        manager = ['/usr/bin/python3', '-B', '-m', 'os_ken.cmd.manager']
        self.process = ns.start(*manager, '--ofp-listen-host', '127.0.0.1', *options,
                                os.path.join(TOP, 'examples', 'learning_switch.py'), log=lab.file('controller'))
        eventually(lambda: self.listens(ns) or not self.process.alive(), 'os-ken listens')
        assert self.process.alive(), self.process.text()

    @classmethod
    def tcp(cls, lab, ns, port=6653):
        return cls(lab, ns, '--ofp-tcp-listen-port', port, port=port)

    @classmethod
    def tls(cls, lab, ns, key, cert, ca, port=6653):
        return cls(lab, ns, '--ofp-ssl-listen-port', port, '--ctl-privkey', key, '--ctl-cert', cert, '--ca-certs', ca,
                   port=port)

    def listens(self, ns):
        return (':%d ' % self.port) in ns.sh('ss', '-Hltn').stdout

    def log(self):
        return self.process.text()

    def stop(self):
        self.process.stop(signal.SIGKILL)


class Pki:
    """Authorities and certificates made with rf-pki."""

    def __init__(self, lab):
        self.dir = lab.folder()
        self.pki = os.path.join(self.dir, 'pki')
        self.call('init', self.pki)
        self.switch_ca = os.path.join(self.pki, 'switchca', 'cacert.pem')
        self.controller_ca = os.path.join(self.pki, 'controllerca', 'cacert.pem')

    def call(self, *words):
        done = subprocess.run(['bash', os.path.join(TOP, 'utilities', 'pki', 'rf-pki'), *words], cwd=self.dir,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def pair(self, name, kind, days=None):
        """Returns the files of a new key and certificate."""
        self.call(*(('--days', str(days)) if days is not None else ()), '--dir', self.pki, 'req+sign', name, kind)
        return os.path.join(self.dir, name + '-privkey.pem'), os.path.join(self.dir, name + '-cert.pem')


class Lab:
    def __init__(self):
        self.id = 'rf%06x' % random.SystemRandom().randrange(1 << 24)
        self.undo, self.files = [], 0
        self.dir = tempfile.mkdtemp(prefix=self.id + '-', dir='/tmp')
        os.environ['OVS_RUNDIR'] = self.dir  # for the sockets of ovs-ofctl itself

    def later(self, call):
        self.undo.append(call)

    def file(self, name):
        self.files += 1
        return os.path.join(self.dir, '%s.%d' % (name, self.files))

    def folder(self):
        path = self.file('d')
        os.mkdir(path, 0o700)
        return path

    def logs(self):
        for name in sorted(os.listdir(self.dir)):
            path = os.path.join(self.dir, name)
            if os.path.isfile(path) and os.path.getsize(path):
                with open(path, errors='replace') as f:
                    yield name, f.read()[-4000:]

    def namespace(self, name='sw'):
        return Namespace(self, '%s-%s' % (self.id, name))

    def hosts(self, n, ns, **how):
        return [Host(self, ns, i + 1, **how) for i in range(n)]

    def net(self, n, *options, workers=1, quiet=False, mtu=None, **how):
        """Returns a switch (attributes .ns, .hosts) with n hosts at its ports 1 to n."""
        ns = self.namespace()
        hosts = self.hosts(n, ns, quiet=quiet, mtu=mtu)
        switch = Switch(self, ns, *options, workers=workers, ports=[(h.number, h.port) for h in hosts], **how)
        switch.hosts = hosts
        if how.get('wait', True):
            switch.links_up(*[h.port for h in hosts])
        return switch

    def close(self):
        wrong = []
        for call in reversed(self.undo):
            try:
                call()
            except AssertionError as e:
                wrong.append(str(e))
        for name, text in self.logs():
            if 'Sanitizer' in text or 'runtime error:' in text:
                wrong.append('%s: the sanitizer complained:\n%s' % (name, text))
        shutil.rmtree(self.dir, ignore_errors=True)
        assert not wrong, '\n'.join(wrong)


def lab_need(*programs):
    import pytest
    for name in programs:
        if not shutil.which(name):
            pytest.skip('%s is not installed' % name)
