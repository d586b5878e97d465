# SPDX-License-Identifier: ISC
"""rf-ofctl and ovs-ofctl say the same of one switch; rf-ctl answers."""

import os
import re

import pytest

from lab import lab_need, program, run


def plain(text):
    text = re.sub(r'xid=0x[0-9a-f]+', 'xid', text)
    text = re.sub(r'(duration|n_packets|n_bytes|idle_age)=[^, \n]*', r'\1', text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize('command', ['show', 'dump-flows', 'dump-ports-desc', 'dump-aggregate', 'dump-desc'])
def test_both_tools_print_the_same(lab, command):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    s.flow('priority=5,tcp,nw_dst=10.0.0.0/24,tp_dst=80,actions=dec_ttl,output:2', 'table=3,actions=CONTROLLER:128')
    assert plain(s.tool(command).stdout) == plain(s.ofctl(command).stdout)


def test_the_tool_finds_a_bridge_by_name(lab):
    s = lab.net(1)
    env = dict(os.environ, RINGFLOW_RUNDIR=s.rundir)
    import subprocess
    done = subprocess.run([program('rf-ofctl'), 'show', 's1'], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and 'dpid:0000000000000001' in done.stdout, done.stderr


def test_a_listener_takes_both_tools(lab):
    s = lab.net(1, '--listen', 'ptcp:6654')
    assert 'dpid' in s.ns.sh(program('rf-ofctl'), 'show', 'tcp:127.0.0.1:6654').stdout
    lab_need('ovs-ofctl')
    assert 'dpid' in s.ns.sh('ovs-ofctl', '-O', 'OpenFlow13', 'show', 'tcp:127.0.0.1:6654').stdout


def test_rf_ctl_answers_and_complains(lab):
    s = lab.net(2)
    assert 'bridge s1' in s.ctl('status').stdout
    assert s.ctl_json('status')['bridges'][0]['dpid'] == '0000000000000001'
    assert {p['name'] for p in s.ctl_json('port', 'show', 's1')} == {'p1', 'p2'}
    assert s.ctl('is-connected', 's1', check=False).returncode == 1
    bad = s.ctl('port', 'show', 'nosuch', check=False)
    assert bad.returncode == 1 and 'nosuch' in bad.stderr
    s.ctl('log', 'dbg')


def test_ovs_appctl_speaks_to_the_control_socket(lab):
    lab_need('ovs-appctl')
    s = lab.net(1)
    assert 'fdb/show' in run('ovs-appctl', '-t', os.path.join(s.rundir, 'switchd.ctl'), 'list-commands').stdout


def test_a_configuration_is_checked_without_starting(lab):
    path = lab.file('conf')
    with open(path, 'w') as f:
        f.write('workers = 1\nbridge s1 {\n\tdpid = 0000000000000001\n\tport p1 { number = 1 }\n}\n')
    run(program('rf-switchd'), '--check', path)
    with open(path, 'a') as f:
        f.write('nosuchthing = 3\n')
    bad = run(program('rf-switchd'), '--check', path, check=False)
    assert bad.returncode == 1 and re.search(r':6\b', bad.stderr), bad.stderr
