#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""churn.py SOCKET RATE SECONDS KIND: flow-mods at a rate to a switch's management socket (unix), each sent by itself.

KIND  elsewhere  hosts that no frame of pktgen's has
      overlap    hosts and networks that pktgen's frames have, at a priority below what forwards them
      acl        the same at a priority above, with the same action, of many masks
      echo       no flow-mods: as many echo requests, for comparison
Every second flow-mod takes away what was added LIVE additions before.  Prints how many were sent and how long it took."""

import random
import socket
import struct
import sys
import time

LIVE = 500
HELLO, ECHO, FLOW_MOD, BARRIER, BARRIER_REPLY = 0, 2, 14, 20, 21
ETH_TYPE, IP_PROTO, IPV4_SRC, IPV4_DST, UDP_DST = 5, 10, 11, 12, 16


def message(kind, body=b'', xid=1):
    return struct.pack('!BBHI', 4, kind, 8 + len(body), xid) + body


def oxm(field, value, mask=b''):
    return struct.pack('!HBB', 0x8000, field << 1 | bool(mask), len(value) + len(mask)) + value + mask


def prefix(field, address, bits):
    mask = 0xffffffff << 32 - bits & 0xffffffff
    return oxm(field, struct.pack('!I', address & mask), struct.pack('!I', mask) if bits < 32 else b'')


def flow_mod(fields, priority, add):
    """Output to port 2, or the strict deletion of the same."""
    body = b''.join(fields)
    match = struct.pack('!HH', 1, 4 + len(body)) + body + bytes(-(4 + len(body)) % 8)
    insts = struct.pack('!HH4xHHIH6x', 4, 24, 0, 16, 2, 0) if add else b''
    head = struct.pack('!QQBBHHHIIIH2x', 0, 0, 0, 0 if add else 4, 0, 0, priority, 0xffffffff, 0xffffffff, 0xffffffff, 0)
    return message(FLOW_MOD, head + match + insts)


def fields_of(kind, n, rnd):
    """The match of addition n, and its priority.  pktgen sends UDP from 10.1.x.y to 10.2.x.y."""
    ip = oxm(ETH_TYPE, b'\x08\x00')
    if kind == 'elsewhere':
        return [ip, prefix(IPV4_DST, 0x14000000 + n, 32)], 100
    low = rnd.randrange(65536)
    if kind == 'overlap':
        return [ip, prefix(IPV4_DST, 0x0a020000 + low, rnd.choice((24, 32)))], 1
    fields = [ip, oxm(IP_PROTO, b'\x11'), prefix(IPV4_SRC, 0x0a010000 + low, rnd.randrange(20, 33)),
              prefix(IPV4_DST, 0x0a020000 + low, rnd.randrange(20, 33))]
    if rnd.randrange(2):
        fields.append(oxm(UDP_DST, struct.pack('!H', 5001)))
    return fields, 60000


def messages(kind):
    if kind == 'echo':
        while True:
            yield message(ECHO, b'churn')
    rnd, live = random.Random(1), []
    for n in range(1 << 30):
        rule = fields_of(kind, n, rnd)
        live.append(rule)
        yield flow_mod(*rule, True)
        if len(live) > LIVE:
            yield flow_mod(*live.pop(0), False)


def drain(s):
    try:
        while s.recv(65536, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        pass


def main(path, rate, seconds, kind):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.sendall(message(HELLO, struct.pack('!HHI', 1, 8, 1 << 4)))
    begin, sent = time.monotonic(), 0
    for msg in messages(kind):
        wait = begin + sent / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if time.monotonic() - begin > seconds:
            break
        s.sendall(msg)
        sent += 1
        if sent % 64 == 0:
            drain(s)
    print('sent %d seconds %.3f' % (sent, time.monotonic() - begin))


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
