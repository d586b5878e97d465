# SPDX-License-Identifier: ISC
"""Ringflow and what it is measured against.  Each is started by hand in the rig's namespace, with a run folder of its own, and
ended by its process id."""

import os
import shutil

from lab import eventually, program, run
from rig import Rig, Skip, pinned

FORWARD = 'in_port=1,actions=output:2\nin_port=2,actions=output:1\n'


class Ringflow(Rig):
    name, has_flows = 'ringflow', True

    def launch(self, *options, workers=1):
        """rf-switchd with these options, not waited for."""
        self.rundir = self.lab.folder()
        words = [*pinned(1), program('rf-switchd'), '--rundir', self.rundir, '--workers', workers, '--bridge', 's1',
                 '--dpid', '1', '--no-local']
        for n, port in enumerate(self.ports(), 1):
            words += ['--port', '%d=%s' % (n, port)]
        self.process = self.s.start(*words, *options, log=self.lab.file('switchd'))
        self.pids = [self.process.pid]
        self.mgmt = os.path.join(self.rundir, 's1.mgmt')

    def wait_ready(self):
        eventually(lambda: self.ctl('status', check=False).returncode == 0 or not self.process.alive(), 'rf-switchd')
        if not self.process.alive():
            raise RuntimeError('rf-switchd: ' + self.process.text())

    def stop(self):
        self.process.stop()
        self.pids = []

    def start(self, *options, workers=1, forward=True):
        self.launch('--fail-mode', 'secure', *options, workers=workers)
        self.wait_ready()
        if forward:
            self.flows(FORWARD)
            self.must_reach()

    def ctl(self, *words, check=True):
        return run(program('rf-ctl'), '--rundir', self.rundir, *words, check=check)

    def ofctl(self, command, *words, stdin=None):
        return run(program('rf-ofctl'), '-t', 60, command, 'unix:' + self.mgmt, *words, stdin=stdin, limit=120)

    def flows(self, text):
        self.ofctl('del-flows')
        self.ofctl('add-flows', '-', stdin=text)

    def groups(self, text):
        self.ofctl('add-groups', '-', stdin=text)

    def bridge_words(self, name, dpid, *ports):
        """Options of one more bridge."""
        words = ['--bridge', name, '--dpid', dpid, '--no-local', '--fail-mode', 'secure']
        for n, port in enumerate(ports, 1):
            words += ['--port', '%d=%s' % (n, port)]
        return words


class Wirefwd(Rig):
    """The ceiling: no look at a frame at all."""
    name = 'wirefwd'

    def start(self, *options, workers=1):
        self.process = self.s.start(*pinned(1), program('tests/bench/wirefwd'), 'p1', 'p2')
        self.pids = [self.process.pid]
        self.must_reach()


class Bridge(Rig):
    """The kernel's bridge; it has no process, and its work is done by who sends."""
    name = 'bridge'

    def start(self, *options, workers=1):
        self.s.ip('link', 'add', 'br0', 'type', 'bridge')
        for port in self.ports():
            self.s.ip('link', 'set', port, 'master', 'br0')
        self.s.ip('link', 'set', 'br0', 'up')
        self.must_reach()


class Ovs(Rig):
    """Open vSwitch's userspace datapath."""
    name, has_flows, interface, others = 'ovs', True, 'system', ()

    @classmethod
    def missing(cls):
        gone = [p for p in ('ovs-vswitchd', 'ovsdb-server', 'ovsdb-tool', 'ovs-vsctl', 'ovs-ofctl') if not shutil.which(p)]
        return '%s is not installed' % gone[0] if gone else None

    def vsctl(self, *words, check=True):
        return run('ovs-vsctl', '--db=unix:%s/db.sock' % self.dir, '--timeout=20', *words, env=self.env, limit=30, check=check)

    def start(self, *options, workers=1, forward=True):
        self.dir = self.lab.folder()
        self.env = dict(os.environ, **{'OVS_%s' % k: self.dir for k in ('RUNDIR', 'DBDIR', 'LOGDIR', 'SYSCONFDIR')})
        run('ovsdb-tool', 'create', self.dir + '/conf.db', '/usr/share/openvswitch/vswitch.ovsschema', env=self.env)
        self.db = self.s.start('ovsdb-server', self.dir + '/conf.db', '--remote=punix:%s/db.sock' % self.dir, env=self.env)
        eventually(lambda: os.path.exists(self.dir + '/db.sock'), 'ovsdb-server')
        self.vsctl('--no-wait', 'init')
        for other in self.others:
            self.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:' + other)
        self.process = self.s.start(*pinned(1), 'ovs-vswitchd', 'unix:%s/db.sock' % self.dir, env=self.env)
        self.pids = [self.process.pid]
        words = ['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev', 'protocols=OpenFlow13',
                 'fail_mode=secure', 'other_config:datapath-id=0000000000000001']
        for n, port in enumerate(self.ports(), 1):
            words += ['--', 'add-port', 'br0', port, '--', 'set', 'interface', port, 'ofport_request=%d' % n,
                      'type=' + self.interface]
        self.vsctl(*words)
        self.mgmt = self.dir + '/br0.mgmt'
        eventually(lambda: os.path.exists(self.mgmt), 'ovs-vswitchd')
        if forward:
            self.flows(FORWARD)
            self.must_reach()

    def ofctl(self, command, *words, stdin=None):
        return run('ovs-ofctl', '-O', 'OpenFlow13', '-t', 60, command, 'unix:' + self.mgmt, *words, stdin=stdin,
                   env=self.env, limit=120)

    def flows(self, text):
        self.ofctl('del-flows')
        self.ofctl('add-flows', '-', stdin=text)

    def groups(self, text):
        for line in text.splitlines():
            self.ofctl('add-group', line)


class OvsAfxdp(Ovs):
    """The same with AF_XDP ports (copy mode on veth), its thread polling processor 1 without end."""
    name, interface, others = 'ovs-afxdp', 'afxdp', ('pmd-cpu-mask=2',)

    def start(self, *options, workers=1, forward=True):
        super().start(forward=False)
        try:
            eventually(lambda: '[]' == self.vsctl('get', 'interface', 'p1', 'error').stdout.strip() and
                       self.vsctl('get', 'interface', 'p1', 'ofport').stdout.strip() == '1', 'AF_XDP ports', 5)
        except AssertionError:
            raise Skip('no AF_XDP ports here: ' + self.vsctl('get', 'interface', 'p1', 'error').stdout.strip()) from None
        if forward:
            self.flows(FORWARD)
            try:
                self.must_reach()
            except AssertionError:
                raise Skip('AF_XDP ports do not forward here') from None


TARGETS = {t.name: t for t in (Ringflow, Wirefwd, Bridge, Ovs, OvsAfxdp)}
