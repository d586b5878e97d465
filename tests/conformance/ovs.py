# SPDX-License-Identifier: ISC
"""An Open vSwitch of its own (userspace datapath) in a namespace of a lab: tester of the Ryu patterns, peer of the differential test.

Its database, sockets and logs lie in a folder of the lab; no service of the host is touched."""

import os
import shutil
import time

from lab import eventually, run

SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
PROGRAMS = ('ovsdb-tool', 'ovsdb-server', 'ovs-vswitchd', 'ovs-vsctl', 'ovs-appctl')


def missing():
    """What of Open vSwitch is not installed, as text; '' = all is there."""
    return ' '.join([p for p in PROGRAMS if not shutil.which(p)] + ([] if os.path.exists(SCHEMA) else [SCHEMA]))


class OpenVSwitch:
    def __init__(self, lab, ns):
        self.lab, self.ns, self.dir = lab, ns, lab.folder()
        self.env = dict(os.environ, OVS_RUNDIR=self.dir, OVS_DBDIR=self.dir, OVS_LOGDIR=self.dir, OVS_SYSCONFDIR=self.dir)
        self.db = 'unix:%s/db.sock' % self.dir
        run('ovsdb-tool', 'create', self.dir + '/conf.db', SCHEMA, env=self.env)
        self.database = ns.start('ovsdb-server', self.dir + '/conf.db', '--remote=p' + self.db, '--unixctl=%s/db.ctl' % self.dir,
                                 env=self.env)
        eventually(lambda: os.path.exists(self.dir + '/db.sock'), self.database.text)
        self.vsctl('--no-wait', 'init')
        self.daemon = ns.start('ovs-vswitchd', self.db, '--unixctl=%s/ctl' % self.dir, '-vconsole:warn', env=self.env)
        eventually(lambda: os.path.exists(self.dir + '/ctl'), self.daemon.text)

    def vsctl(self, *words):
        return run('ovs-vsctl', '--db=' + self.db, '--timeout=120', *words, env=self.env)

    def appctl(self, *words, check=True):
        return run('ovs-appctl', '-t', self.dir + '/ctl', *words, env=self.env, check=check)

    def bridge(self, name, dpid, ports, controller=None):
        """'ports': {number: interface}.  Secure, OpenFlow 1.3, no flow cache that outlives a frame's visit."""
        words = ['set', 'Open_vSwitch', '.', 'other_config:flow-limit=0', '--', 'add-br', name, '--', 'set', 'bridge', name,
                 'datapath_type=netdev', 'protocols=OpenFlow13', 'fail_mode=secure', 'other-config:datapath-id=' + dpid,
                 'other-config:disable-in-band=true']
        for number, interface in ports.items():
            words += ['--', 'add-port', name, interface, '--', 'set', 'interface', interface, 'ofport_request=%d' % number]
        if controller:
            words += ['--', 'set-controller', name, controller, '--', 'set', 'controller', name, 'connection_mode=out-of-band',
                      'max_backoff=1000', 'inactivity_probe=60000']
        self.vsctl(*words)

    def mgmt(self, name):
        return '%s/%s.mgmt' % (self.dir, name)

    def settle(self):
        """Waits until the datapath follows the tables: barriers are answered before it does."""
        self.appctl('revalidator/wait', check=False)
        time.sleep(0.02)
