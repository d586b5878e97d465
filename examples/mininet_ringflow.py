# SPDX-License-Identifier: ISC
"""Ringflow in Mininet: a Switch class.

    mn --custom examples/mininet_ringflow.py --switch ringflow --controller remote
    mn --custom examples/mininet_ringflow.py --switch ringflow,fail_mode=standalone --controller none --test pingall

Each switch is a rf-switchd of its own, with its run directory and log under /tmp/ringflow.NAME.* while it runs.
RINGFLOW_SBIN and RINGFLOW_BIN name the folders of rf-switchd and of the tools if PATH does not have them.
"""

import os
import shutil
import tempfile

from mininet.log import error, warn
from mininet.moduledeps import pathCheck
from mininet.node import Switch


def program(name, variable):
    return os.path.join(os.environ[variable], name) if os.environ.get(variable) else name


class RingflowSwitch(Switch):
    """fail_mode: secure or standalone; workers: threads that move frames; max_backoff: seconds."""

    def __init__(self, name, fail_mode='secure', workers=1, max_backoff=1, **params):
        super().__init__(name, **params)
        self.fail_mode, self.workers, self.max_backoff = fail_mode, workers, max_backoff
        self.rundir, self.has_controllers = None, False
        self.daemon = program('rf-switchd', 'RINGFLOW_SBIN')
        self.ctl = program('rf-ctl', 'RINGFLOW_BIN')
        self.ofctl = program('rf-ofctl', 'RINGFLOW_BIN')

    @classmethod
    def setup(cls):
        pathCheck(program('rf-switchd', 'RINGFLOW_SBIN'), program('rf-ctl', 'RINGFLOW_BIN'),
                  program('rf-ofctl', 'RINGFLOW_BIN'), moduleName='Ringflow')

    def switch_ports(self):
        return [(number, intf) for number, intf in sorted(self.intfs.items())
                if intf.name != 'lo' and not intf.IP()]

    def start(self, controllers):
        self.has_controllers = bool(controllers)
        self.rundir = tempfile.mkdtemp(prefix='ringflow.%s.' % self.name)
        words = [self.daemon, '--rundir', self.rundir, '--workers', str(self.workers), '--bridge', self.name,
                 '--dpid', self.dpid, '--no-local', '--fail-mode', self.fail_mode,
                 '--max-backoff', str(self.max_backoff)]
        for number, intf in self.switch_ports():
            words += ['--port', '%d=%s' % (number, intf.name)]
        for c in controllers:
            words += ['--controller', '%s:%s:%d' % (c.protocol, c.IP(), c.port)]
        if self.listenPort:
            words += ['--listen', 'ptcp:%d:127.0.0.1' % self.listenPort]
        self.cmd(' '.join(words) + ' %s >%s/log 2>&1 </dev/null &' % (self.opts, self.rundir))
        self.daemon_pid = int(self.cmd('echo $!').split()[-1])
        said = self.cmd('for i in $(seq 100); do [ -S %s/%s.mgmt ] && break; kill -0 %d || break; sleep .1; done; '
                        '[ -S %s/%s.mgmt ] || cat %s/log'
                        % (self.rundir, self.name, self.daemon_pid, self.rundir, self.name, self.rundir))
        if said.strip():
            error('%s: %s\n' % (self.name, said.strip()))

    def stop(self, deleteIntfs=True):
        if self.rundir:
            self.cmd('kill %d; wait %d' % (self.daemon_pid, self.daemon_pid))
            shutil.rmtree(self.rundir, ignore_errors=True)
            self.rundir = None
        super().stop(deleteIntfs)

    def rf_ctl(self, *words):
        """Exit status 0?  A complaint is shown."""
        out = self.cmd('%s --rundir %s %s; echo =$?' % (self.ctl, self.rundir, ' '.join(words)))
        text, _, status = out.rpartition('=')
        if status.strip() != '0' and words[0] != 'is-connected':
            warn('%s: %s' % (self.name, text))
        return status.strip() == '0'

    def attach(self, intf):
        name = str(intf)
        number = [n for n, i in self.intfs.items() if i.name == name]
        self.rf_ctl('port add', self.name, name, *map(str, number))

    def detach(self, intf):
        self.rf_ctl('port del', self.name, str(intf))

    def connected(self):
        """A switch that was given no controller waits for none."""
        return self.rundir is not None and (not self.has_controllers or self.rf_ctl('is-connected', self.name))

    def dpctl(self, command, *words):
        """dump-flows, add-flow ...: over the switch's own socket, so that no listening port is needed."""
        return self.cmd(self.ofctl, command, 'unix:%s/%s.mgmt' % (self.rundir, self.name), *words)


switches = {'ringflow': RingflowSwitch}
