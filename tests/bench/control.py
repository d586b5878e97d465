# SPDX-License-Identifier: ISC
"""The bench as a controller: it listens in the switch's namespace, over TCP or TLS, and the switch comes to it."""

import ctypes
import os
import socket
import ssl
import threading

import ofraw
from lab import Pki

TCP, TLS = 6653, 6654


def in_namespace(name, make):
    """What make() returns, made inside the namespace: sockets stay where they were made."""
    result = []

    def body():
        fd = os.open('/run/netns/' + name, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000):
                raise OSError(ctypes.get_errno(), 'setns')
            result.append(make())
        except OSError as e:
            result.append(e)
        finally:
            os.close(fd)
    t = threading.Thread(target=body)
    t.start()
    t.join()
    if isinstance(result[0], OSError):
        raise result[0]
    return result[0]


def options(rig):
    """Makes keys; for Ringflow the options of the passive listeners, for Open vSwitch its TLS settings come at connect()."""
    rig.pki = Pki(rig.lab)
    rig.key, rig.cert = rig.pki.pair('sw', 'switch')
    rig.controller_key, rig.controller_cert = rig.pki.pair('ctl', 'controller')
    if rig.name != 'ringflow':
        return ()
    return ('--private-key', rig.key, '--certificate', rig.cert, '--ca-cert', rig.pki.controller_ca, '--listen',
            'ptcp:%d' % TCP, '--listen', 'pssl:%d' % TLS)


def connect(rig, tls):
    """An OpenFlow connection to the target, which must have been started with options()."""
    if rig.name == 'ovs' and not hasattr(rig, 'listens'):
        rig.vsctl('set-ssl', rig.key, rig.cert, rig.pki.controller_ca)
        rig.vsctl('set-controller', 'br0', 'ptcp:%d:127.0.0.1' % TCP, 'pssl:%d:127.0.0.1' % TLS)
        rig.vsctl('set', 'controller', 'br0', 'controller_rate_limit=0', check=False)
        rig.listens = True
    sock = in_namespace(rig.s.name, lambda: dial(TLS if tls else TCP))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_cert_chain(rig.controller_cert, rig.controller_key)
        context.load_verify_locations(rig.pki.switch_ca)
        sock = context.wrap_socket(sock)
    conn = ofraw.Conn(sock)
    sock.sendall(ofraw.message(9, b'\0\0\xff\xff'))  # SET_CONFIG: Open vSwitch sends listeners' peers no packet-in before it
    return conn


def dial(port):
    """Whoever has just been told to listen may need a moment."""
    for left in range(50, -1, -1):
        try:
            return socket.create_connection(('127.0.0.1', port), 10)
        except ConnectionRefusedError:
            if not left:
                raise
            threading.Event().wait(0.05)
