#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What this kernel offers a switch and what becomes of it: the rows of rf-internals(7), SUPERFRAMES.

    python3 tests/vm/kernel.py FOLDER-WITH-THE-PROGRAMS     as root, anywhere; makes namespaces of its own and removes them

Nothing is looked up: each row is tried.  The first rows ask the kernel alone, the others send through a switch."""

import errno
import os
import re
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ['RINGFLOW_BUILD'] = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build')
for folder in (HERE, os.path.join(HERE, '..', 'system')):
    if os.path.exists(os.path.join(folder, 'lab.py')):
        sys.path.insert(0, folder)
from lab import Lab, eventually, run  # noqa: E402

PACKET_RX_RING, PACKET_VERSION, PACKET_VNET_HDR, PACKET_FANOUT, PACKET_QDISC_BYPASS = 5, 10, 15, 18, 20
TPACKET_V3, UNIQUEID, IGNORE_OUTGOING = 2, 0x2000, 0x4000
SOL_PACKET = 263

SINK = '''
import socket, sys, threading
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("eth0", 3))
t = socket.create_server(("0.0.0.0", 5001))
largest = 0
def watch():
    global largest
    while True:
        n, sender = s.recvfrom_into(bytearray(100), 0, socket.MSG_TRUNC)
        largest = max(largest, n) if sender[2] != 4 else largest
threading.Thread(target=watch, daemon=True).start()
print("ready", flush=True)
c = t.accept()[0]
got = 0
while True:
    data = c.recv(1 << 20)
    if not data:
        break
    got += len(data)
print("got", got, largest, flush=True)
'''
SOURCE = '''
import socket, sys
s = socket.create_connection((sys.argv[1], 5001))
for _ in range(64):
    s.sendall(bytes(65536))
'''


def tried(action):
    try:
        action()
        return 'yes'
    except OSError as e:
        return 'no (%s)' % errno.errorcode[e.errno]


def ring():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
    s.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack('=7I', 1 << 17, 4, 2048, 256, 1, 0, 0))


def bypass():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)


def join(interface, flags):
    """Two sockets in one fanout group."""
    kept, group = [], 0
    for extra in (UNIQUEID | flags, flags):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((interface, 3))
        s.setsockopt(SOL_PACKET, PACKET_FANOUT, group | extra << 16)
        group = s.getsockopt(SOL_PACKET, PACKET_FANOUT) & 0xffff
        kept.append(s)


def kernel_alone(lab):
    yield 'a ring of version 3 with virtio headers', tried(ring)
    yield 'sending past the qdisc layer', tried(bypass)
    up, down = lab.id + 'u', lab.id + 'd'
    lab.later(lambda: run('ip', 'link', 'del', up))
    run('ip', 'link', 'add', up, 'type', 'veth', 'peer', 'name', down)
    yield 'joining a group while the link is down', tried(lambda: join(down, 0))
    run('ip', 'link', 'set', up, 'up')
    run('ip', 'link', 'set', down, 'up')
    yield 'joining a group while it is up', tried(lambda: join(down, 0))
    yield 'a group that ignores what leaves', tried(lambda: join(down, IGNORE_OUTGOING))


def largest(a, b):
    """The longest frame by which TCP from a arrives at b, and whether the checksums were right."""
    wrong = b.counter('TcpInCsumErrors')
    sink = b.start(sys.executable, '-c', SINK)
    eventually(lambda: 'ready' in sink.text(), 'the sink')
    a.sh(sys.executable, '-c', SOURCE, b.v4)
    assert sink.wait() == 0 and 'got %d ' % (64 << 16) in sink.text(), sink.text()
    assert b.counter('TcpInCsumErrors') == wrong
    return int(sink.text().split()[-1])


def whole(a, b):
    n = largest(a, b)
    return 'whole (%d bytes)' % n if n > 9000 else 'in pieces (%d bytes)' % n


def udp(s, a, b):
    sink = b.start_traffic('order', 5000, 4000)
    a.traffic('segments', b.v4, 5000, 100, 40)
    assert sink.wait() == 0
    got = int(re.search(r'"received": (\d+)', sink.text())[1])
    lost = s.drops().get('udp-gso', 0)
    return 'all of 4000 datagrams' if got == 4000 else 'none: the kernel drops them, %d superframes counted' % lost if not got \
        else '%d of 4000 datagrams, %s' % (got, s.drops())


def through_a_switch(lab):
    s = lab.net(2, quiet=True)
    a, b = s.hosts
    a.must_reach(b.v4)
    status = s.ctl('status').stdout
    yield 'steering', re.search('^steering: (.*)$', status, re.M)[1]
    yield 'seccomp filter', 'yes' if 'Seccomp:\t2' in open('/proc/%d/status' % s.process.pid).read() else 'no'
    yield 'TCP over veth', whole(a, b)
    s.ns.sh('ethtool', '-K', 'p2', 'tso', 'off')
    yield 'TCP over veth, no TSO where it leaves', whole(a, b)
    s.ns.sh('ethtool', '-K', 'p2', 'tso', 'on')
    a.sh('ethtool', '-K', 'eth0', 'tso', 'off', 'gso', 'off')
    yield 'TCP of a sender without TSO', whole(a, b)
    s.ns.sh('ethtool', '-K', 'p1', 'gro', 'on')
    yield 'TCP of a sender without TSO, GRO where it comes in', whole(a, b)
    a.sh('ethtool', '-K', 'eth0', 'tso', 'on', 'gso', 'on')
    yield 'UDP superframes (UDP_SEGMENT)', udp(s, a, b)
    s.ns.sh('ethtool', '-K', 'p2', 'tx-udp-segmentation', 'off')
    yield 'the same, no segmentation where they leave', udp(s, a, b)


def main():
    lab = Lab()
    print('kernel\t%s' % os.uname().release, flush=True)
    try:
        for part in (kernel_alone, through_a_switch):
            for name, answer in part(lab):
                print('%s\t%s' % (name, answer), flush=True)
    finally:
        lab.close()


main()
