# SPDX-License-Identifier: ISC
"""Packet-in, flow-mod and packet-out, frame out: ms from the frame's way in to its way out, median and 99th percentile

A reactive controller's turn without the controller's own thinking; one flow after the other, 1,000 of them."""

import socket
import struct
import time

import control
import ofraw
from rig import median
from targets import FORWARD

SIDES = ('ringflow', 'ovs')
N = 1000


def raw(ns):
    def make():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
        s.bind(('eth0', 0x88b5))
        s.settimeout(2)
        return s
    return control.in_namespace(ns.name, make)


def turns(rig, tls):
    conn, into, out, times = control.connect(rig, tls), raw(rig.a), raw(rig.b), []
    conn.sock.sendall(ofraw.flow_mod([ofraw.oxm(0, b'\0\0\0\1'), ofraw.oxm(5, b'\x88\xb5')], ofraw.output(ofraw.CONTROLLER),
                                     priority=40000))
    conn.barrier()
    for n in range(N):
        source = struct.pack('!HHH', 0x200, 1 + tls, n)
        frame = b'\2\0\0\0\0\2' + source + b'\x88\xb5' + struct.pack('!I', n) + bytes(42)
        begin = time.monotonic()
        into.send(frame)
        while conn.read()[1] != ofraw.PACKET_IN:
            pass
        conn.sock.sendall(ofraw.flow_mod([ofraw.oxm(4, source)], ofraw.output(2), priority=40001) +
                          ofraw.packet_out(frame, ofraw.output(2)))
        while out.recv(2048)[14:18] != frame[14:18]:
            pass
        times.append((time.monotonic() - begin) * 1000)
    for s in (into, out, conn.sock):
        s.close()
    times.sort()
    return median(times), times[int(N * 0.99)]


def setup(rig):
    rig.start(*control.options(rig))


def measure(rig):
    rig.flows(FORWARD)
    out = {}
    for name, tls in (('tcp', False), ('tls', True)):
        out[name + '_ms'], out[name + '_p99_ms'] = turns(rig, tls)
    return out
