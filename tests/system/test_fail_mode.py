# SPDX-License-Identifier: ISC
"""What hosts see while no controller is there."""

import pytest

from lab import Controller, eventually

pytestmark = pytest.mark.usefixtures('osken')

DIAL = ['--max-backoff', '1', '--controller', 'tcp:127.0.0.1:6653']


def test_standalone_forwards_from_the_start(lab):
    s = lab.net(2, '--fail-mode', 'standalone', *DIAL)
    s.hosts[0].must_reach(s.hosts[1].v4)


def test_standalone_forwards_also_over_a_table_miss_to_the_controller(lab):
    s = lab.net(2, '--fail-mode', 'standalone', *DIAL)
    s.flow('priority=0,actions=CONTROLLER:65535')
    s.hosts[0].must_reach(s.hosts[1].v4)
    assert 'CONTROLLER' in s.tool('dump-flows').stdout


def test_standalone_takes_over_when_the_controller_goes_and_hands_back(lab):
    s = lab.net(2, '--fail-mode', 'standalone', *DIAL)
    a, b = s.hosts
    c = Controller.tcp(lab, s.ns)
    eventually(lambda: s.connected() and 'is here' in c.log(), c.log)
    a.must_reach(b.v4)
    assert not s.ctl_json('status')['bridges'][0]['standalone']
    c.stop()
    eventually(lambda: s.ctl_json('status')['bridges'][0]['standalone'], 'standalone')
    assert 'CONTROLLER' in s.tool('dump-flows').stdout  # the tables stay
    a.must_reach(b.v4)
    c = Controller.tcp(lab, s.ns)
    eventually(lambda: s.connected() and not s.ctl_json('status')['bridges'][0]['standalone'], 'handed back')
    a.must_reach(b.v4)


def test_secure_forwards_nothing_until_told(lab):
    s = lab.net(2, '--fail-mode', 'secure', *DIAL)
    a, b = s.hosts
    assert not a.reaches(b.v4, count=3)


def test_secure_keeps_its_flows_when_the_controller_goes(lab):
    s = lab.net(2, '--fail-mode', 'secure', *DIAL)
    a, b = s.hosts
    c = Controller.tcp(lab, s.ns)
    eventually(lambda: s.connected() and 'is here' in c.log(), c.log)
    s.flow('priority=50,in_port=1,actions=output:2', 'priority=50,in_port=2,actions=output:1')
    c.stop()
    eventually(lambda: not s.connected(), 'the loss is seen')
    a.must_reach(b.v4)
    assert s.tool('dump-flows').stdout.count('priority=50') == 2
