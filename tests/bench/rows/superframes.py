# SPDX-License-Identifier: ISC
"""TCP at GSO size through what changes headers, over two bridges in a row: Gbit/s, and times that of plain outputs

VLAN push on one bridge and pop on the other; addresses and ports rewritten both ways; a group of type all; a select group.  What
had to be cut into frames would show as a fraction of the plain rate."""

from rig import Goal

SIDES = ('ringflow',)
ROUNDS = 3
GOALS = [Goal(n + '_x', '>=', 0.9) for n in ('push_vlan', 'set_field', 'group_all', 'group_select')]
PLAIN = 'in_port=1,actions=output:2\nin_port=2,actions=output:1\n'
PUSH = 'in_port=1,actions=push_vlan:0x8100,set_field:4106->vlan_vid,output:2\nin_port=2,dl_vlan=10,actions=pop_vlan,output:1\n'
POP = 'in_port=1,dl_vlan=10,actions=pop_vlan,output:2\nin_port=2,actions=push_vlan:0x8100,set_field:4106->vlan_vid,output:1\n'
REWRITE = '''in_port=1,priority=40000,tcp,nw_dst=10.3.0.9,actions=set_field:10.2.0.2->ip_dst,set_field:5201->tcp_dst,output:2
in_port=2,priority=40000,tcp,nw_src=10.2.0.2,actions=set_field:10.3.0.9->ip_src,set_field:6000->tcp_src,output:1
''' + PLAIN
GROUPS = {'group_all': 'group_id=1,type=all,bucket=output:2\ngroup_id=2,type=all,bucket=output:1\n',
          'group_select': 'group_id=3,type=select,bucket=output:2\ngroup_id=4,type=select,bucket=output:1\n'}


def measure(rig):
    # p1 - s1 - x1 = x2 - s2 - p2
    rig.s.ip('link', 'add', 'x1', 'type', 'veth', 'peer', 'name', 'x2')
    for port in ('x1', 'x2'):
        rig.s.ip('link', 'set', port, 'up')
    rig.ports = lambda: ['p1', 'x1']
    rig.start(*rig.bridge_words('s2', 2, 'x2', 'p2'), forward=False)
    near = rig.mgmt
    far = near.replace('s1.mgmt', 's2.mgmt')

    def both(first, second, groups=None):
        for mgmt, flows in ((near, first), (far, second)):
            rig.mgmt = mgmt
            if groups:
                rig.groups(groups)
            rig.flows(flows)
        rig.must_reach()

    both(PLAIN, PLAIN)
    rig.a.ip('neigh', 'replace', '10.3.0.9', 'lladdr', '02:00:00:00:00:02', 'dev', 'eth0')
    plain = rig.tcp()[0]
    out = {'plain': plain}
    both(PUSH, POP)
    out['push_vlan'] = rig.tcp()[0]
    both(REWRITE, PLAIN)
    out['set_field'] = rig.tcp('10.3.0.9', port=6000, at_port=5201)[0]
    for n, (name, groups) in enumerate(GROUPS.items()):
        flows = 'in_port=1,actions=group:%d\nin_port=2,actions=group:%d\n' % (2 * n + 1, 2 * n + 2)
        both(flows, flows, groups)
        out[name] = rig.tcp()[0]
    return {**out, **{n + '_x': out[n] / plain for n in out if n != 'plain'}}
