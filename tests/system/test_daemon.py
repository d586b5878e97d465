# SPDX-License-Identifier: ISC
"""The daemon itself: what it may do, what it tells systemd, what a reload changes, what a crash leaves."""

import os
import re
import signal
import socket

import pytest

from lab import Switch, eventually, program, run


def test_it_keeps_few_rights(lab):
    s = lab.net(1, workers=2)
    if 'none' in s.log():  # a sanitizer build, or one without libseccomp
        assert 'sandbox: none' in s.log()
        return
    for task in os.listdir('/proc/%d/task' % s.process.pid):
        with open('/proc/%d/task/%s/status' % (s.process.pid, task)) as f:
            status = dict(line.split(':\t', 1) for line in f if ':\t' in line)
        caps = int(status['CapEff'], 16)
        wanted = (1 << 1 | 1 << 10 | 1 << 12 | 1 << 13) if int(task) == s.process.pid else 0
        assert caps & ~wanted == 0 and status['Seccomp'].strip() == '2', status


def test_a_user_without_rights_is_told_so(lab):
    done = run('setpriv', '--reuid', '65534', '--clear-groups', program('rf-switchd'), '--bridge', 's1', '--rundir',
               lab.folder(), check=False)
    assert done.returncode == 1 and 'CAP_NET_RAW' in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


class Manager:
    """systemd's end of the notification socket."""

    def __init__(self, lab):
        self.path = lab.file('notify')
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.sock.settimeout(30)

    def next(self):
        return self.sock.recv(4096).decode()

    def until(self, text):
        while True:
            said = self.next()
            if text in said:
                return said


def test_systemd_is_told(lab):
    if 'libsystemd' not in run('ldd', program('rf-switchd')).stdout:
        pytest.skip('built without libsystemd')
    ns, m = lab.namespace(), Manager(lab)
    env = dict(os.environ, NOTIFY_SOCKET=m.path, WATCHDOG_USEC='400000')
    p = ns.start(program('rf-switchd'), '--rundir', lab.folder(), '--bridge', 's1', '--no-local', env=env)
    assert m.next().startswith('READY=1')
    m.until('WATCHDOG=1')
    m.until('WATCHDOG=1')
    p.proc.send_signal(signal.SIGHUP)
    m.until('RELOADING=1')
    m.until('READY=1')
    p.proc.send_signal(signal.SIGTERM)
    m.until('STOPPING=1')
    assert p.wait() == 0


class Configured(Switch):
    """A switch that reads a file instead of its command line."""

    def __init__(self, lab, ns, text):
        self.lab, self.ns, self.name, self.rundir, self.path = lab, ns, 's1', lab.folder(), lab.file('conf')
        self.write(text)
        self.process = ns.start(program('rf-switchd'), '--rundir', self.rundir, '--sandbox', 'strict', '--config', self.path,
                                log=lab.file('switchd'))
        eventually(lambda: self.ready() or not self.process.alive(), 'rf-switchd answers')

    def write(self, text):
        with open(self.path, 'w') as f:
            f.write(text)

    def reload(self, text, check=True):
        self.write(text)
        return self.ctl('reload', check=check)

    def ports(self):
        return {(p['bridge'], p['name'], p['number']) for p in self.ctl_json('port', 'show')}

    def targets(self):
        return {c['target'] for c in self.ctl_json('controller', 'show')}


BASE = 'bridge s1 {\n\tlocal = no\n\tdpid = 1\n%s\tport p1 { number = 1 }\n\tport p2 { number = 2 }\n}\n'


def test_a_reload_applies_what_differs(lab):
    ns = lab.namespace()
    hosts = lab.hosts(3, ns)
    s = Configured(lab, ns, BASE % '')
    hosts[0].must_reach(hosts[1].v4)
    pid = s.process.pid
    s.tool('add-flow', 'table=9,priority=7,actions=drop')
    s.reload(BASE % '\tcontroller = { "tcp:127.0.0.1:9" }\n\tlisten = { "ptcp:9999:127.0.0.1" }\n')
    assert {'tcp:127.0.0.1:9', 'ptcp:9999:127.0.0.1'} <= s.targets()
    assert ':9999 ' in ns.sh('ss', '-Hltn').stdout
    s.reload(BASE % '\tfail-mode = secure\n')
    assert not s.targets() & {'tcp:127.0.0.1:9', 'ptcp:9999:127.0.0.1'} and ':9999 ' not in ns.sh('ss', '-Hltn').stdout
    assert not s.ctl_json('status')['bridges'][0]['standalone'] and not hosts[0].reaches(hosts[1].v4)
    s.reload(BASE % '\tport p3 { number = 9 }\n')
    hosts[0].must_reach(hosts[2].v4)
    s.reload('log = { "conn:dbg" }\n' + BASE % '')
    assert re.search(r'conn +dbg', s.ctl('log-levels').stdout)
    assert ('s1', 'p3', 9) not in s.ports()
    s.reload(BASE % '\tmac-aging = 7\n\tmac-table-size = 99\n\tprobe-interval = 9\n\tmax-backoff = 3\n\tforward-bpdu = yes\n')
    assert re.search(r'conn +info', s.ctl('log-levels').stdout)
    assert 'priority=7' in s.tool('dump-flows', 'table=9').stdout and s.process.pid == pid and s.process.alive()


def test_a_port_moves_to_another_bridge(lab):
    ns = lab.namespace()
    hosts = lab.hosts(3, ns)
    other = 'bridge s2 {\n\tlocal = no\n\tdpid = 2\n\tport p3 { number = 1 }\n%s}\n'
    s = Configured(lab, ns, other % '' + BASE % '')
    s.reload(other % '\tport p2 { number = 2 }\n' + BASE.replace('\tport p2 { number = 2 }\n', '') % '')
    assert s.ports() == {('s1', 'p1', 1), ('s2', 'p3', 1), ('s2', 'p2', 2)}
    hosts[1].must_reach(hosts[2].v4)
    s.reload(BASE % '')
    assert s.ports() == {('s1', 'p1', 1), ('s1', 'p2', 2)} and not os.path.exists(s.mgmt_path('s2'))


@pytest.mark.parametrize('wrong', [
    '\tfail-mode = maybe\n', '\tcontroller = { "tcp:" }\n', '\tlisten = { "tcp:127.0.0.1" }\n', '\tnosuch = 1\n',
    '\tcontroller = { "ssl:127.0.0.1" }\n', '\tprivate-key = /nosuch\n\tcertificate = /nosuch\n\tca-cert = /nosuch\n',
    '\ttables = 3\n', '\tport p3 { number = 1 }\n', '\tport p3 { number = 0 }\n', '\tport p3 {\n', 'workers = 2\n',
    '\tport "a/b" { }\n', '\tdpid = 77\n', '\tmac-aging = -1\n'])
def test_a_bad_file_changes_nothing(lab, wrong):
    ns = lab.namespace()
    hosts = lab.hosts(2, ns)
    s = Configured(lab, ns, BASE % '')
    hosts[0].must_reach(hosts[1].v4)
    before = s.ports(), s.targets()
    done = s.reload(BASE.replace('\tport p2 { number = 2 }\n', '') % wrong, check=False)
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert 'nothing was changed' in s.log()
    assert (s.ports(), s.targets()) == before
    hosts[0].must_reach(hosts[1].v4)


def arp_ignore(ns, name):
    return ns.sh('sysctl', '-n', 'net.ipv4.conf.%s.arp_ignore' % name).stdout.strip()


def test_a_crash_does_not_lose_what_an_interface_was(lab):
    ns = lab.namespace()
    lab.hosts(1, ns)
    ns.sh('sysctl', '-qw', 'net.ipv4.conf.p1.arp_ignore=2')
    s = Switch(lab, ns, ports=[(1, 'p1')])
    assert arp_ignore(ns, 'p1') == '8'
    s.process.stop(signal.SIGKILL)
    assert arp_ignore(ns, 'p1') == '8'
    again = Switch(lab, ns, ports=[(1, 'p1')], rundir=s.rundir)
    again.stop()
    assert arp_ignore(ns, 'p1') == '2'
    assert os.listdir(s.rundir) == []
