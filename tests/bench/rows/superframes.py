# SPDX-License-Identifier: ISC
"""TCP at GSO size through what changes headers, over two bridges in a row: Gbit/s, times that of plain outputs, KiB of a frame

VLAN push on one bridge and pop on the other; MAC and IP addresses and ports rewritten both ways; a group of type all; a select
group.  What had to be cut into frames would show as a fraction of the plain rate, and as frames of 1.5 KiB where they arrive."""

from rig import Goal

SIDES = ('ringflow',)
ROUNDS = 3
CASES = ('push_vlan', 'set_field', 'group_all', 'group_select')
GOALS = [Goal(n + '_x', '>=', 0.9) for n in CASES] + [Goal(n + '_kib', '>=', 10) for n in CASES]
PLAIN = 'in_port=1,actions=output:2\nin_port=2,actions=output:1\n'
PUSH = 'in_port=1,actions=push_vlan:0x8100,set_field:4106->vlan_vid,output:2\nin_port=2,dl_vlan=10,actions=pop_vlan,output:1\n'
POP = 'in_port=1,dl_vlan=10,actions=pop_vlan,output:2\nin_port=2,actions=push_vlan:0x8100,set_field:4106->vlan_vid,output:1\n'
REWRITE = 'in_port=1,priority=40000,tcp,nw_dst=10.3.0.9,actions=' + ','.join((
    'set_field:02:00:00:00:00:02->eth_dst', 'set_field:10.2.0.2->ip_dst', 'set_field:5201->tcp_dst', 'output:2\n'
)) + 'in_port=2,priority=40000,tcp,nw_src=10.2.0.2,actions=' + ','.join((
    'set_field:02:00:00:00:00:77->eth_src', 'set_field:10.3.0.9->ip_src', 'set_field:6000->tcp_src', 'output:1\n')) + PLAIN
GROUPS = {'group_all': 'group_id=1,type=all,bucket=output:2\ngroup_id=2,type=all,bucket=output:1\n',
          'group_select': 'group_id=3,type=select,bucket=output:2\ngroup_id=4,type=select,bucket=output:1\n'}


def sizes(host):
    """Frames and octets that have arrived; a superframe is one frame."""
    return [int(host.sh('cat', '/sys/class/net/eth0/statistics/rx_' + what).stdout) for what in ('packets', 'bytes')]


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

    def tcp(name, *where, **how):
        before = sizes(rig.b)
        out[name] = rig.tcp(*where, **how)[0]
        frames, octets = (after - b for after, b in zip(sizes(rig.b), before))
        out[name + '_kib'] = octets / frames / 1024

    out = {}
    both(PLAIN, PLAIN)
    rig.a.ip('neigh', 'replace', '10.3.0.9', 'lladdr', '02:00:00:00:00:77', 'dev', 'eth0')
    tcp('plain')
    both(PUSH, POP)
    tcp('push_vlan')
    both(REWRITE, PLAIN)
    tcp('set_field', '10.3.0.9', port=6000, at_port=5201)
    for n, (name, groups) in enumerate(GROUPS.items()):
        flows = 'in_port=1,actions=group:%d\nin_port=2,actions=group:%d\n' % (2 * n + 1, 2 * n + 2)
        both(flows, flows, groups)
        tcp(name)
    return {**out, **{n + '_x': out[n] / out['plain'] for n in CASES}}
