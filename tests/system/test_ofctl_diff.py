# SPDX-License-Identifier: ISC
"""rf-ofctl and real ovs-ofctl -O OpenFlow13 print the same: both against rf-switchd and both against Open vSwitch."""

import os
import sys

import pytest

from lab import TOP, Switch, lab_need, program, run

sys.path.insert(0, os.path.join(TOP, 'tests', 'conformance'))
import ofctl_diff  # noqa: E402
import ovs  # noqa: E402


def tools(rundir):
    return (ofctl_diff.Tool(['ovs-ofctl', '-O', 'OpenFlow13'], {'OVS_RUNDIR': rundir}),
            ofctl_diff.Tool([program('rf-ofctl')], {'RINGFLOW_RUNDIR': rundir, 'TERM': 'dumb'}))


def silent_namespace(lab, name):
    """With the ports p1 and p2, on which nobody says a word: counters are equal, too."""
    ns = lab.namespace(name)
    ns.sh('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
    for p in 'p1', 'p2':
        ns.ip('link', 'add', p, 'type', 'veth', 'peer', 'name', p + 'x')
        ns.ip('link', 'set', p, 'up')
        ns.ip('link', 'set', p + 'x', 'up')
    return ns


def ovs_pair(lab):
    """Two Open vSwitches, each with the ports p1 and p2 in a namespace of its own."""
    made = []
    for i in range(2):
        ns = silent_namespace(lab, 'ovs%d' % i)
        switch = ovs.OpenVSwitch(lab, ns)
        switch.bridge('s1', '0000000000000001', {1: 'p1', 2: 'p2'})
        made.append(switch)
    return tools(made[0].dir)[0], tools(made[1].dir)[1]


def ringflow_pair(lab):
    made = []
    for i in range(2):
        ns = silent_namespace(lab, 'rf%d' % i)
        made.append(Switch(lab, ns, '--fail-mode', 'secure', ports=[(1, 'p1'), (2, 'p2')]))
        made[-1].links_up('p1', 'p2')
    return tools(made[0].rundir)[0], tools(made[1].rundir)[1]


def test_both_tools_print_the_same(lab):
    lab_need('ovs-ofctl')
    if ovs.missing():
        pytest.skip(ovs.missing())
    pairs = {'none': tools('/nonexistent'), 'ringflow': ringflow_pair(lab), 'ovs': ovs_pair(lab)}
    different, stale, counts = ofctl_diff.run_all(pairs, lab.folder())
    assert not different, '%d of %s differ\n' % (len(different), counts) + '\n'.join(ofctl_diff.show(*d) for d in different[:40])
    assert not stale, 'no longer different: ' + ', '.join('%d' % c.number for c in stale)
    assert sum(counts.values()) >= 1000, counts


def test_ten_thousand_flows_print_the_same(lab):
    """The same bytes through both tools; what they print reads back as it was in tests/unit/test_text_flows."""
    lab_need('ovs-ofctl')
    path = lab.file('flows')
    run(program('tests/unit/test_text_flows'), '--wire', path)
    theirs = run('ovs-ofctl', '-O', 'OpenFlow13', 'ofp-parse', path).stdout
    ours = run(program('rf-ofctl'), 'ofp-parse', path).stdout
    assert ours.count(' cookie=') == 10000
    for a, b in zip(theirs.splitlines(), ours.splitlines()):
        assert a == b
    assert theirs == ours
