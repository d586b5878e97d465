# SPDX-License-Identifier: ISC
"""Groups, as real ovs-ofctl sees them and as frames meet them."""

import re

from lab import eventually


def lines(text):
    return [line.strip() for line in text.splitlines() if 'reply' not in line and line.strip()]


def refused(s, why, command, *words):
    done = s.ofctl(command, *words, check=False)
    assert done.returncode == 1 and why in done.stderr, (words, done.stderr)


def test_groups_read_back_as_they_were_written(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    given = ['group_id=1,type=all,bucket=actions=output:1,bucket=actions=set_field:02:00:00:00:00:77->eth_dst,output:2',
             'group_id=2,type=select,bucket=weight:3,actions=output:1,bucket=weight:5,actions=push_vlan:0x8100,output:2',
             'group_id=3,type=indirect,bucket=actions=group:1',
             'group_id=4,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port:2,watch_group:3,actions=output:2']
    for g in given:
        s.ofctl('add-group', g)
    said = lines(s.ofctl('dump-groups').stdout)
    assert len(said) == 4
    for g, line in zip(given, said):
        for part in re.findall(r'type=\w+|weight:\d|watch_\w+:\d|group:1|output:\d', g):
            assert part in re.sub(r'"?p(\d)"?', r'\1', line), (part, line)
    # given back they are the same
    s.ofctl('del-groups')
    assert not lines(s.ofctl('dump-groups').stdout)
    s.ofctl('add-groups', '-', stdin='\n'.join(said))
    assert lines(s.ofctl('dump-groups').stdout) == said
    s.ofctl('mod-group', 'group_id=1,type=indirect,bucket=actions=output:3')
    assert 'group_id=1,type=indirect' in s.ofctl('dump-groups').stdout
    stats = s.ofctl('dump-group-stats', 'group_id=1').stdout
    assert re.search(r'group_id=1,.*ref_count=1,packet_count=0,byte_count=0,bucket0:packet_count=0,byte_count=0', stats), stats
    assert 'Group' in s.ofctl('dump-group-features').stdout


def test_what_is_refused_has_its_code_and_changes_nothing(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-group', 'group_id=1,type=all,bucket=actions=output:1')
    s.ofctl('add-group', 'group_id=2,type=all,bucket=actions=group:1')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    before = s.ofctl('dump-groups').stdout
    refused(s, 'OFPGMFC_GROUP_EXISTS', 'add-group', 'group_id=1,type=all,bucket=actions=output:1')
    refused(s, 'OFPGMFC_UNKNOWN_GROUP', 'mod-group', 'group_id=9,type=all,bucket=actions=output:1')
    refused(s, 'OFPGMFC_LOOP', 'mod-group', 'group_id=1,type=all,bucket=actions=group:2')
    refused(s, 'OFPGMFC_LOOP', 'add-group', 'group_id=5,type=all,bucket=actions=group:5')
    refused(s, 'OFPBAC_BAD_OUT_GROUP', 'add-group', 'group_id=5,type=all,bucket=actions=group:6')
    refused(s, 'OFPBAC_BAD_OUT_GROUP', 'add-flow', 'in_port=2,actions=group:6')
    refused(s, 'OFPGMFC_CHAINED_GROUP', 'del-groups', 'group_id=1')
    refused(s, 'OFPBAC_BAD_OUT_GROUP', 'packet-out', 'in_port=1,packet=' + '02' * 14 + ',actions=group:6')
    assert s.ofctl('dump-groups').stdout == before
    assert 'ref_count=2' in s.ofctl('dump-group-stats', 'group_id=1').stdout


def test_a_deleted_group_takes_its_flows_along(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    m = s.monitor()
    s.ofctl('add-group', 'group_id=7,type=all,bucket=actions=output:1')
    for i in range(3):
        s.ofctl('add-flow', 'send_flow_rem,priority=%d,in_port=1,actions=write_actions(group:7)' % i)
    s.ofctl('add-flows', '-', stdin='\n'.join('priority=%d,in_port=2,actions=group:7' % i for i in range(1, 1100)))
    s.ofctl('add-flow', 'table=3,actions=drop')
    assert 'ref_count=1102' in s.ofctl('dump-group-stats', 'group_id=7').stdout
    s.ofctl('del-flows', 'in_port=2,out_group=8')
    assert 'ref_count=1102' in s.ofctl('dump-group-stats', 'group_id=7').stdout
    s.ofctl('del-groups', 'group_id=7')
    assert len(lines(s.ofctl('dump-flows').stdout)) == 1
    eventually(lambda: m.text().count('reason=group_delete') == 3, m.text)


def test_many_groups_come_in_several_parts(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-groups', '-', stdin='\n'.join(
        'group_id=%d,type=select,%s' % (i, ','.join(['bucket=weight:1,actions=output:1'] * 8)) for i in range(3000)))
    assert len(lines(s.ofctl('dump-groups').stdout)) == 3000
    assert len(lines(s.ofctl('dump-group-stats').stdout)) == 3000
    assert len(lines(s.ofctl('dump-group-stats', 'group_id=2999').stdout)) == 1
    assert not lines(s.ofctl('dump-group-stats', 'group_id=3000').stdout)
    s.ofctl('del-groups')
    assert not lines(s.ofctl('dump-groups').stdout)
