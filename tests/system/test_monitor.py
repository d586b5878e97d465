# SPDX-License-Identifier: ISC
"""Flow monitors (EXT-187) with real ovs-ofctl monitor BR watch:."""

import os
import re

from lab import Process, eventually, lab_need


def watch(lab, switch, *watches):
    lab_need('ovs-ofctl')
    p = Process(lab, ('ovs-ofctl', '-O', 'OpenFlow13', 'monitor', 'unix:' + switch.mgmt_path(), '65535') + watches,
                lab.file('watch'), env=dict(os.environ, OVS_RUNDIR=switch.rundir))
    eventually(lambda: 'ONFST_FLOW_MONITOR reply' in p.text(), lambda: 'the initial reply: ' + p.text())
    return p


def events(p):
    return [re.sub(r' cookie=0(x0)?\b', '', line.strip()) for line in p.text().splitlines() if 'event=' in line]


def test_watch_tells_every_change(lab):
    switch = lab.net(2, quiet=True)
    switch.flow('table=1,priority=9,actions=2', 'priority=9,in_port=1,actions=2')
    p = watch(lab, switch, 'watch:')
    assert events(p) == ['event=ADDED table=0 in_port=1 actions=output:2', 'event=ADDED table=1 actions=output:2']
    switch.ofctl('add-flow', 'priority=9,in_port=2,idle_timeout=100,actions=1')
    switch.ofctl('mod-flows', 'in_port=2,actions=2')
    switch.ofctl('del-flows', 'in_port=2')
    switch.ofctl('add-flows', '-', stdin='in_port=2,actions=drop\nin_port=1,actions=1', options=['--bundle'])
    switch.ofctl('add-flow', 'table=3,hard_timeout=1,actions=drop')
    eventually(lambda: 'hard' in p.text().split('table=3')[-2] if p.text().count('table=3') == 2 else False, p.text)
    assert events(p)[2:] == [
        'event=ADDED table=0 idle_timeout=100 in_port=2 actions=output:1',
        'event=MODIFIED table=0 idle_timeout=100 in_port=2 actions=output:2',
        'event=DELETED reason=delete table=0 idle_timeout=100 in_port=2',
        'event=ADDED table=0 in_port=2',  # which is how ovs-ofctl prints a flow without instructions
        'event=ADDED table=0 in_port=1 actions=output:1',
        'event=ADDED table=3 hard_timeout=1',
        'event=DELETED reason=hard table=3 hard_timeout=1',
    ]


def test_watch_tells_what_was_asked_for_and_no_more(lab):
    switch = lab.net(2, quiet=True)
    switch.flow('table=1,in_port=1,actions=2')
    p = watch(lab, switch, 'watch:!initial,table=1,out_port=2,!modify,!actions')
    bystander = switch.monitor()
    assert events(p) == []
    switch.ofctl('add-flow', 'table=1,in_port=2,actions=1')
    switch.ofctl('add-flow', 'table=2,in_port=2,actions=2')
    switch.ofctl('add-flow', 'table=1,in_port=7,actions=2')
    switch.ofctl('add-flow', 'table=1,in_port=7,actions=2')
    switch.ofctl('del-flows')
    eventually(lambda: len(events(p)) == 3, p.text)
    assert sorted(events(p)) == ['event=ADDED table=1 in_port=7', 'event=DELETED reason=delete table=1 in_port=1',
                                 'event=DELETED reason=delete table=1 in_port=7']
    assert 'MONITOR' not in bystander.text()
