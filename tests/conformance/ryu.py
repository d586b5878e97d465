#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs the Ryu certification patterns for OpenFlow 1.3 against rf-switchd.

             namespace X-tester               namespace X-sw
  Open vSwitch, dpid 2   t1 ------------------- p1   rf-switchd, dpid 1
                         t2 ------------------- p2
                         t3 ------------------- p3
                         tc ------- control ---- pc   os-ken's switch test tool, TCP port 6653

Prints the failing cases and a table by category.  Exit status: 0 all OK, 1 not all, 77 something is missing (said in the last line)."""

import argparse
import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'system')]
sys.dont_write_bytecode = True

import lab as labs  # noqa: E402
import ovs  # noqa: E402
import ryu_patterns as patterns  # noqa: E402

MTU = 1600  # the IPv6 load frames are 1520 bytes long
CONTROL = ('10.255.77.1', '10.255.77.2')
PYTHON = '/usr/bin/python3'


def missing():
    """What stands in the way of a run, as text."""
    if os.geteuid() != 0:
        return 'root'
    if ovs.missing():
        return 'openvswitch-switch (%s)' % ovs.missing()
    if not importlib.util.find_spec('os_ken'):
        return 'python3-os-ken'
    return ''


def arguments(words):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('files', nargs='*', help='beginnings of pattern files, such as match or action/1 (all)')
    p.add_argument('--patterns', help='folder of the patterns (RYU_TESTS, or an installed ryu or os-ken)')
    p.add_argument('--own', action='store_true', help='the patterns of tests/conformance/patterns alone')
    p.add_argument('--case', default='', metavar='REGEX', help='only cases whose "file description" matches')
    p.add_argument('--sample', type=int, default=0, metavar='N', help='about N cases, evenly taken')
    p.add_argument('--workers', type=int, default=1, help='of rf-switchd (1)')
    p.add_argument('--duration', type=int, default=0, metavar='S', help='seconds of load, instead of what the pattern says (30)')
    p.add_argument('--plain', action='store_true', help='do not mend the faults of the tool (README)')
    p.add_argument('--out', help='file of results (ryu-results.tsv); the log is written beside it')
    return p.parse_args(words)


def quiet(ns, device):
    """Nothing but the test's own frames, as they are."""
    ns.sh('sysctl', '-qw', 'net.ipv6.conf.%s.disable_ipv6=1' % device)
    for feature in 'tx rx gso gro tso txvlan rxvlan'.split():
        ns.sh('ethtool', '-K', device, feature, 'off', check=False)
    ns.ip('link', 'set', device, 'mtu', MTU, 'up')


def cables(sw, te):
    for i in (1, 2, 3):
        labs.run('ip', 'link', 'add', 't%d' % i, 'netns', te.name, 'type', 'veth', 'peer', 'name', 'p%d' % i, 'netns', sw.name)
        quiet(te, 't%d' % i)
        quiet(sw, 'p%d' % i)
    labs.run('ip', 'link', 'add', 'tc', 'netns', te.name, 'type', 'veth', 'peer', 'name', 'pc', 'netns', sw.name)
    for ns, device, address in ((sw, 'pc', CONTROL[0]), (te, 'tc', CONTROL[1])):
        ns.ip('addr', 'add', address + '/30', 'dev', device)
        ns.ip('link', 'set', device, 'up')


def settings(a, te):
    roots = [patterns.OWN] if a.own else [a.patterns or patterns.folder()]
    return {
        'files': [(r, f) for r in roots for f in patterns.files(r, a.files)], 'case': a.case, 'sample': a.sample,
        'duration': a.duration, 'mend': not a.plain, 'tester_ns': te.name, 'tester_port': 't1', 'out': os.path.abspath(a.out),
        'how': 'workers=%d duration=%s mend=%s' % (a.workers, a.duration or 'full', not a.plain)}


def tool(sw, te, a):
    """The tool's process: it ends by itself."""
    given = settings(a, te)
    if not given['files']:
        sys.exit('ryu.py: no pattern file begins with %s' % ' or '.join(a.files))
    return sw.start(PYTHON, '-B', '-W', 'ignore', '-m', 'os_ken.cmd.manager', '--ofp-tcp-listen-port', '6653',
                    '--test-switch-target', '1', '--test-switch-tester', '2', '--test-switch-target-version', 'openflow13',
                    '--test-switch-tester-version', 'openflow13', '--test-switch-dir', given['files'][0][0],
                    os.path.join(HERE, 'ryu_app.py'), log=os.path.splitext(given['out'])[0] + '.log',
                    env=dict(os.environ, RYU_APP=json.dumps(given)))


def rig(lab, a):
    """A whole run; returns (rows, closing line)."""
    sw, te = lab.namespace('sw'), lab.namespace('tester')
    for ns in (sw, te):
        ns.sh('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
    cables(sw, te)
    peer = ovs.OpenVSwitch(lab, te)
    peer.bridge('tester', '0000000000000002', {i: 't%d' % i for i in (1, 2, 3)}, 'tcp:%s:6653' % CONTROL[0])
    for path in (a.out, os.path.splitext(a.out)[0] + '.log'):
        if os.path.exists(path):
            os.unlink(path)
    manager = tool(sw, te, a)
    labs.Switch(lab, sw, '--fail-mode', 'secure', '--controller', 'tcp:127.0.0.1:6653', '--max-backoff', 1,
                ports=[(i, 'p%d' % i) for i in (1, 2, 3)], workers=a.workers)
    manager.wait(None)
    labs.eventually(lambda: os.path.exists(a.out), lambda: manager.text()[-3000:], 5)
    return patterns.read(a.out)


def main(words):
    a = arguments(words)
    a.out = a.out or 'ryu-results.tsv'
    lack = missing() or ('' if a.own or a.patterns or patterns.folder() else
                         'the Ryu patterns: name their folder in RYU_TESTS')
    if lack:
        print('check-ryu: not run, this is missing: ' + lack)
        return 77
    lab = labs.Lab()
    try:
        rows, end = rig(lab, a)
    finally:
        lab.close()
    for r in rows:
        if r['result'] != 'OK':
            print('%s: %s\n    %s' % (r['file'], r['case'], r['reason']))
    print(patterns.summary(rows))
    print(end or 'the run did not end by itself: see the log beside ' + a.out)
    return 0 if end and rows and all(r['result'] == 'OK' for r in rows) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
