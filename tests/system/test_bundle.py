# SPDX-License-Identifier: ISC
"""Bundles (EXT-230) with real ovs-ofctl: all or nothing, seen by frames as one change, and bounded."""

import json
import os
import re
import socket
import struct

import pytest

from lab import eventually

ONF = 0x4f4e4600
CONTROL, ADD = 2300, 2301


def flows(switch):
    """What is installed, without times and counts."""
    lines = switch.ofctl('dump-flows', options=['--no-stats']).stdout.splitlines()
    return sorted(line.strip() for line in lines if 'actions=' in line)


def groups(switch):
    return switch.ofctl('dump-groups').stdout.splitlines()[1:]


def file(lab, lines):
    path = lab.file('bundle')
    with open(path, 'w') as f:
        f.write('\n'.join(lines) + '\n')
    return path


def test_ovs_ofctl_bundles(lab):
    switch = lab.net(2, quiet=True)
    switch.ofctl('add-flows', '-', stdin='priority=5,in_port=1,actions=2\npriority=5,in_port=2,actions=1\n',
                 options=['--bundle'])
    assert flows(switch) == ['priority=5,in_port=1 actions=output:2', 'priority=5,in_port=2 actions=output:1']
    switch.ofctl('replace-flows', '-', stdin='priority=5,in_port=1,actions=drop\npriority=7,ip,actions=2\n',
                 options=['--bundle'])
    assert flows(switch) == ['priority=5,in_port=1 actions=drop', 'priority=7,ip actions=output:2']
    switch.ofctl('bundle', file(lab, ['group add group_id=1,type=all,bucket=actions=output:1',
                                      'flow add in_port=2,actions=group:1',
                                      'flow delete ip']))
    assert flows(switch) == ['in_port=2 actions=group:1', 'priority=5,in_port=1 actions=drop']
    switch.ofctl('bundle', file(lab, ['group delete group_id=1',
                                      'group add group_id=1,type=indirect,bucket=actions=output:2',
                                      'flow modify in_port=1,actions=group:1']))
    assert flows(switch) == ['priority=5,in_port=1 actions=group:1']
    assert groups(switch) == [' group_id=1,type=indirect,bucket=actions=output:2']
    switch.ofctl('del-flows', options=['--bundle'])
    assert flows(switch) == []


@pytest.mark.parametrize('bad', [1, 6789, 10000])
def test_one_bad_message_in_ten_thousand(lab, bad):
    switch = lab.net(2, quiet=True)
    switch.flow('priority=100,ip,nw_dst=10.0.0.0/24,actions=1', 'priority=3,actions=drop')
    switch.ofctl('add-group', 'group_id=7,type=all,bucket=actions=output:1')
    before = flows(switch), groups(switch)
    lines = []
    for i in range(1, 10001):
        if i == bad:
            lines.append('flow add priority=1,actions=group:99')
        elif i % 100 == 0:
            lines.append('group %s group_id=%d,type=all,bucket=actions=output:2' %
                         ('modify' if i == 100 and bad != 1 else 'add', 7 if i == 100 and bad != 1 else 1000 + i))
        elif i % 2500 == 1:
            lines.append('flow delete ip,nw_dst=10.0.0.0/16')
        else:
            lines.append('flow add priority=100,ip,nw_dst=10.%d.%d.0/24,actions=2' % (i >> 8, i & 255))
    path = file(lab, lines)
    done = switch.ofctl('bundle', path, check=False)
    assert done.returncode != 0
    assert 'OFPBAC_BAD_OUT_GROUP' in done.stderr and 'OFPBFC_MSG_FAILED' in done.stderr
    assert (flows(switch), groups(switch)) == before
    lines[bad - 1] = 'flow add priority=1,actions=drop'
    switch.ofctl('bundle', file(lab, lines))
    assert len(flows(switch)) > 9000
    assert len(groups(switch)) == 1 + sum(line.startswith('group add') for line in lines)


class Raw:
    """An OpenFlow connection of a few bytes."""

    def __init__(self, switch):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(30)
        self.s.connect(switch.mgmt_path())
        self.xid, self.buf = 0, b''
        self.send(0, struct.pack('!HHI', 1, 8, 1 << 4))
        assert self.next()[0] == 0

    def send(self, kind, body, xid=None):
        self.xid += 1
        self.s.sendall(struct.pack('!BBHI', 4, kind, 8 + len(body), self.xid if xid is None else xid) + body)

    def next(self):
        while len(self.buf) < 8 or len(self.buf) < struct.unpack('!H', self.buf[2:4])[0]:
            more = self.s.recv(65536)
            assert more, 'the switch has closed the connection'
            self.buf += more
        length, = struct.unpack('!H', self.buf[2:4])
        message, self.buf = self.buf[:length], self.buf[length:]
        return message[1], struct.unpack('!I', message[4:8])[0], message[8:]

    def control(self, bundle, what, flags=3):
        """The error, or None."""
        self.send(4, struct.pack('!IIIHH', ONF, CONTROL, bundle, what, flags))
        kind, _, body = self.next()
        if kind == 1:
            return struct.unpack('!HH', body[:4])
        assert kind == 4 and struct.unpack('!IIIHH', body) == (ONF, CONTROL, bundle, what + 1, flags)
        return None

    def add(self, bundle, priority, count):
        """That many times the same flow-mod."""
        body = struct.pack('!QQBBHHHIIIHH', 0, 0, 0, 0, 0, 0, priority, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0)
        body += struct.pack('!HH4x', 1, 4)
        inner = struct.pack('!BBHI', 4, 14, 8 + len(body), 5) + body
        one = struct.pack('!IIIHH', ONF, ADD, bundle, 0, 3) + inner
        self.s.sendall((struct.pack('!BBHI', 4, 4, 8 + len(one), 5) + one) * count)

    def barrier(self):
        """The errors up to the reply."""
        self.send(20, b'')
        errors = []
        while True:
            kind, _, body = self.next()
            if kind == 21:
                return errors
            assert kind == 1
            errors.append(struct.unpack('!HH', body[:4]))


def resident(switch):
    """Bytes; 0 in a sanitizer's build, whose allocator keeps what is freed: the plain build is the one that is measured."""
    if 'sanitizer build' in switch.log():
        return 0
    with open('/proc/%d/status' % switch.process.pid) as f:
        return int(re.search(r'VmRSS:\s+(\d+) kB', f.read())[1]) * 1024


def test_a_bundle_is_bounded_and_gives_memory_back(lab):
    """300,000 messages: the first 65,536 are kept, the others refused; after the discard nothing stays."""
    switch = lab.net(2, quiet=True)
    c = Raw(switch)
    assert c.control(1, 0) is None
    c.add(1, 1, 10)
    assert c.barrier() == []
    assert c.control(1, 6) is None
    start = resident(switch)
    for _ in range(3):
        assert c.control(1, 0) is None
        refused = 0
        for _ in range(300):
            c.add(1, 1, 1000)
            errors = c.barrier()
            assert set(errors) <= {(0xffff, 2312)}
            refused += len(errors)
        assert refused == 300000 - 65536
        assert resident(switch) - start < 20 << 20
        assert c.control(1, 6) is None
    assert resident(switch) - start < 4 << 20
    assert flows(switch) == []


def test_a_peer_that_dies_in_the_middle_leaves_nothing(lab):
    switch = lab.net(2, quiet=True)
    start = resident(switch)
    for _ in range(20):
        c = Raw(switch)
        for bundle in range(4):
            c.add(bundle, 9, 5000)
        assert c.barrier() == []
        c.s.close()
    c = Raw(switch)
    assert c.barrier() == []
    eventually(lambda: resident(switch) - start < 8 << 20, lambda: 'memory: %d' % (resident(switch) - start))
    assert flows(switch) == []


def test_frames_see_old_or_new_never_a_mix(lab, workers):
    """Two tables and a group write the version into three fields of each frame; they change together while frames pass."""
    switch = lab.net(2, '--fail-mode', 'secure', quiet=True, workers=workers)
    a, b = switch.hosts

    def version(v, first):
        verb = 'add' if first else 'modify'
        lines = ['flow add priority=9,in_port=1,actions=set_field:02:00:00:00:00:%02x->eth_src,goto_table:1' % v]
        lines += ['flow add table=2,priority=%d,in_port=1,ip,nw_dst=10.%d.%d.1,actions=drop' % (1 + v % 9, i >> 8, i & 255)
                  for i in range(1500)]  # so that preparing takes a while
        lines += ['flow add table=1,priority=9,in_port=1,actions=set_field:02:00:00:00:01:%02x->eth_dst,group:1' % v]
        group = 'group %s group_id=1,type=indirect,bucket=actions=set_field:%d->ip_dscp,output:2' % (verb, v)
        return file(lab, [group] + lines if first else lines + [group])

    versions = [version(v, False) for v in range(1, 33)]
    switch.ofctl('bundle', version(0, True))
    seen = b.start_traffic('versions', 'eth0')
    sender = a.start_traffic_later('bursts', 'eth0', b.mac)
    eventually(lambda: switch.ports()['2']['tx'] > 0, 'the first frames')
    rounds = 0
    while rounds < 3 * len(versions):
        switch.ofctl('bundle', versions[rounds % len(versions)])
        rounds += 1
    switch.ofctl('bundle', version(63, False))
    eventually(lambda: not seen.alive(), lambda: 'a frame of the last version: %s' % switch.drops())
    sender.stop()
    assert 'Traceback' not in sender.text(), sender.text()
    result = json.loads(seen.text().splitlines()[-1])
    assert result['mixed'] == 0, result
    assert result['frames'] > 1000 and result['versions'] > 10, result
