# SPDX-License-Identifier: ISC
"""Runs inside a namespace.

    traffic.py sequence ADDRESS PORT COUNT PERIOD_MS   UDP datagrams numbered from 0, in bursts and pauses of PERIOD_MS
    traffic.py steady ADDRESS PORT COUNT RATE          the same at RATE datagrams a second
    traffic.py segments ADDRESS PORT SENDS EACH        the same, as superframes of EACH datagrams
    traffic.py order PORT COUNT                        receives them: prints received, out of order, twice
    traffic.py frames IFACE COUNT HEX...               sends each frame COUNT times through a packet socket
    traffic.py stream IFACE PERIOD_MS SECONDS HEX      sends the frame again and again
    traffic.py paced IFACE PER_SECOND SECONDS HEX      sends the frame so many times a second; prints when it began and ended
    traffic.py first IFACE SECONDS                     prints "first" and the (monotonic) time at which a frame of type 88b5 came
    traffic.py bursts IFACE DST                        sends frames of one flow to DST until it is ended
    traffic.py versions IFACE                          prints how many frames are of more than one version (test_bundle.py)
    traffic.py linkdown IFACE                          takes it down; prints the time just before
    traffic.py flood IFACE SECONDS HEX                 sends the frame as fast as it can
    traffic.py sniff IFACE SECONDS                     prints what arrives, one frame a line, in hexadecimal
"""

import fcntl
import json
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 3


def sequence(address, port, count, period_ms):
    """Pauses between frames shrink and grow, so that the rate crosses the switch's lane thresholds at each period."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, int(port)))
    count, period = int(count), float(period_ms) / 1000
    number, fast, turn = 0, True, time.monotonic() + period
    while number < count:
        for _ in range(16 if fast else 1):
            s.send(struct.pack('!Q', number) + bytes(10))
            number += 1
        if not fast:
            time.sleep(0.0002)
        if time.monotonic() >= turn:
            fast, turn = not fast, time.monotonic() + period
    for _ in range(20):  # the end is said more than once
        time.sleep(0.02)
        try:
            s.send(struct.pack('!Q', 2**64 - 1))
        except ConnectionRefusedError:  # it was heard: the receiver has gone
            return


def steady(address, port, count, rate):
    """Numbered datagrams at a steady rate, or as fast as this program can."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, int(port)))
    count, rate, number, start = int(count), float(rate), 0, time.monotonic()
    while number < count:
        due = min(count, int((time.monotonic() - start) * rate))
        if due <= number:
            time.sleep(0.0002)
        for _ in range(min(due - number, 64)):
            s.send(struct.pack('!Q', number) + bytes(10))
            number += 1
    for _ in range(20):
        time.sleep(0.02)
        try:
            s.send(struct.pack('!Q', 2**64 - 1))
        except ConnectionRefusedError:
            return


def segments(address, port, sends, each):
    """'sends' UDP superframes of 'each' numbered datagrams, all in one sendmsg, cut by whoever must (UDP_SEGMENT)."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, int(port)))
    number = 0
    for _ in range(int(sends)):
        data = b''.join(struct.pack('!Q', number + i) + bytes(1192) for i in range(int(each)))
        number += int(each)
        s.sendmsg([data], [(17, 103, struct.pack('=H', 1200))])
        time.sleep(0.002)
    for _ in range(20):
        time.sleep(0.02)
        try:
            s.send(struct.pack('!Q', 2**64 - 1))
        except ConnectionRefusedError:
            return


def order(port, count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 33, 256 << 20)  # SO_RCVBUFFORCE
    s.bind(('0.0.0.0', int(port)))
    s.settimeout(60)
    print('ready', flush=True)
    seen, last, late, twice, got = bytearray(int(count) + 64), -1, 0, 0, 0
    while True:
        number, = struct.unpack_from('!Q', s.recv(64))
        if number == 2**64 - 1:
            break
        got += 1
        twice += seen[number]
        seen[number] = 1
        late += number < last
        last = max(last, number)
    print(json.dumps({'received': got, 'late': late, 'twice': twice, 'missing': last + 1 - sum(seen)}), flush=True)


def frames(iface, count, *hexes):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((iface, 0))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    for n in range(int(count)):
        for text in hexes:
            s.send(bytes.fromhex(text))
        if n % 64 == 63:
            time.sleep(0.001)


def stream(iface, period_ms, seconds, text):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((iface, 0))
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        s.send(bytes.fromhex(text))
        time.sleep(float(period_ms) / 1000)


def paced(iface, per_second, seconds, text):
    """What is late is sent at once, so the rate holds on the whole."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((iface, 0))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    data, sent, begin = bytes.fromhex(text), 0, time.monotonic()
    while sent < float(per_second) * float(seconds):
        due = (time.monotonic() - begin) * float(per_second)
        while sent < due:
            s.send(data)
            sent += 1
        time.sleep(0.001)
    print('%.6f %.6f' % (begin, time.monotonic()))


def first(iface, seconds):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
    s.bind((iface, 0x88b5))
    print('ready', flush=True)
    if select.select([s], [], [], float(seconds))[0]:
        print('first %.6f' % time.monotonic(), flush=True)


def linkdown(iface):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    request = struct.pack('16sh14x', iface.encode(), 0)
    flags = struct.unpack('16xh14x', fcntl.ioctl(s, 0x8913, request))[0]  # SIOCGIFFLAGS
    request = struct.pack('16sh14x', iface.encode(), flags & ~1)
    before = time.monotonic()
    fcntl.ioctl(s, 0x8914, request)  # SIOCSIFFLAGS
    print('%.6f' % before, flush=True)


def flood(iface, seconds, frame):
    """One frame again and again, as fast as one process can, for some seconds."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((iface, 0))
    data = bytes.fromhex(frame)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for _ in range(100):
            try:
                s.send(data)
            except OSError:
                pass


def bursts(iface, dst):
    """Frames of one flow until it is ended, in bursts that a small machine can follow."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((iface, 0))
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 46, 0, 0, 64, 17, 0, bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)))
    frame = bytes.fromhex(dst.replace(':', '')) + bytes(6) + b'\x08\x00' + ip + bytes(26)
    while True:
        for _ in range(32):
            s.send(frame)
        time.sleep(0.001)


def versions(iface):
    """Counts frames whose source, destination and DSCP are not of one version, up to the first of version 63."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    s.bind((iface, ETH_P_ALL))
    print('ready', flush=True)
    frames = mixed = 0
    seen = set()
    while True:
        data, sender = s.recvfrom(2048)
        if sender[2] == 4 or data[12:14] != b'\x08\x00':
            continue
        frames += 1
        seen.add(data[11])
        mixed += not data[5] == data[11] == data[15] >> 2
        if data[11] == 63:
            break
    print(json.dumps({'frames': frames, 'mixed': mixed, 'versions': len(seen)}), flush=True)


def sniff(iface, seconds):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA: the tag that the kernel took off
    s.bind((iface, ETH_P_ALL))
    print('ready', flush=True)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        if not select.select([s], [], [], 0.1)[0]:
            continue
        data, extra, _, sender = s.recvmsg(70000, 256)
        if sender[2] == 4:  # PACKET_OUTGOING
            continue
        for level, kind, value in extra:
            if (level, kind) == (263, 8) and len(value) >= 20:
                status, _, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', value[:20])
                if status & 0x10:
                    data = data[:12] + struct.pack('!HH', tpid if status & 0x40 else 0x8100, tci) + data[12:]
        print(data.hex(), flush=True)


if __name__ == '__main__':
    {'sequence': sequence, 'segments': segments, 'steady': steady, 'order': order, 'frames': frames, 'bursts': bursts,
     'versions': versions, 'stream': stream, 'paced': paced, 'first': first, 'flood': flood, 'linkdown': linkdown,
     'sniff': sniff}[sys.argv[1]](*sys.argv[2:])
