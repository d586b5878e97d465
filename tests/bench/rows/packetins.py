# SPDX-License-Identifier: ISC
"""Packet-ins/s to a controller that only counts them, over TCP and over TLS, from 500,000 frames/s of 1,000 flows"""

import ssl
import time

import control
import ofraw

SIDES = ('ringflow', 'ovs')
RATE = 500000


def packet_ins(rig, tls):
    conn = control.connect(rig, tls)
    conn.sock.sendall(ofraw.flow_mod([ofraw.oxm(0, b'\0\0\0\1')], ofraw.output(ofraw.CONTROLLER), priority=40000))
    conn.barrier()
    load = rig.generator(rig.seconds + 1, 1000, RATE)
    time.sleep(0.5)
    n, took = conn.count(ofraw.PACKET_IN, rig.seconds, time.monotonic)
    load.stop()
    conn.sock.close()
    return n / took


def setup(rig):
    rig.start(*control.options(rig))


def measure(rig):
    out = {'tcp': packet_ins(rig, False)}
    if ssl.HAS_TLSv1_2:
        out['tls'] = packet_ins(rig, True)
    return out
