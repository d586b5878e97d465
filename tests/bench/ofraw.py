# SPDX-License-Identifier: ISC
"""OpenFlow 1.3 as bytes, for rows that send or receive more than a codec written in Python could."""

import socket
import struct

HELLO, ERROR, ECHO, ECHO_REPLY, FEATURES, PACKET_IN, PACKET_OUT, FLOW_MOD, BARRIER, BARRIER_REPLY = 0, 1, 2, 3, 5, 10, 13, 14, 20, 21
CONTROLLER, NO_BUFFER = 0xfffffffd, 0xffffffff


def message(kind, body=b'', xid=0):
    return struct.pack('!BBHI', 4, kind, 8 + len(body), xid) + body


def oxm(field, value):
    return struct.pack('!HBB', 0x8000, field << 1, len(value)) + value


def output(port, max_len=0xffff):
    return struct.pack('!HHIH6x', 0, 16, port, max_len)


def match(*fields):
    body = b''.join(fields)
    return struct.pack('!HH', 1, 4 + len(body)) + body + bytes(-(4 + len(body)) % 8)


def flow_mod(fields, actions, priority=100, table=0, command=0):
    """Apply-actions with 'actions'; without any the flow drops."""
    insts = struct.pack('!HH4x', 4, 8 + len(actions)) + actions if actions else b''
    head = struct.pack('!QQBBHHHIIIH2x', 0, 0, table, command, 0, 0, priority, NO_BUFFER, 0xffffffff, 0xffffffff, 0)
    return message(FLOW_MOD, head + match(*fields) + insts)


def packet_out(frame, actions, in_port=CONTROLLER):
    return message(PACKET_OUT, struct.pack('!IIH6x', NO_BUFFER, in_port, len(actions)) + actions + frame)


def repeat(msg, n, columns):
    """'msg' n times in a row; columns: {offset: bytes of which the k-th message gets the k-th, over and over}."""
    buf = bytearray(msg) * n
    for offset, column in columns.items():
        buf[offset::len(msg)] = (column * (n // len(column) + 1))[:n]
    return buf


def counting(offset, n):
    """Columns that number n messages from 0 in the three bytes from 'offset'."""
    low = bytes(range(256))
    mid = b''.join(bytes([i]) * 256 for i in range(256))
    high = b''.join(bytes([i & 255]) * 65536 for i in range(max(1, -(-n // 65536))))
    return {offset + 2: low, offset + 1: mid, offset: high}


def tcp_flows(n):
    """n flow-mods, each for TCP between an own pair of addresses and an own port, output to port 2."""
    one = flow_mod([oxm(5, b'\x08\x00'), oxm(10, b'\x06'), oxm(11, b'\x0a\x00\x00\x00'), oxm(12, b'\x14\x00\x00\x00'),
                    oxm(14, b'\x00\x00')], output(2))
    columns = {}
    for field in (b'\x0a\x00\x00\x00', b'\x14\x00\x00\x00'):
        columns.update(counting(one.index(field) + 1, n))
    port = one.index(struct.pack('!HBB', 0x8000, 14 << 1, 2)) + 4
    columns.update({port + 1: bytes(range(256)), port: b''.join(bytes([i]) * 256 for i in range(1, 200))})
    return repeat(one, n, columns)


class Conn:
    """A connection of either side, hello exchanged."""

    def __init__(self, sock):
        self.sock, self.rest = sock, b''
        sock.sendall(message(HELLO, struct.pack('!HHI', 1, 8, 1 << 4)))

    @classmethod
    def unix(cls, path):
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        return cls(s)

    def read(self):
        """The next message; echo requests are answered on the way."""
        while True:
            if len(self.rest) >= 8:
                n = struct.unpack_from('!H', self.rest, 2)[0]
                if len(self.rest) >= n:
                    msg, self.rest = self.rest[:n], self.rest[n:]
                    if msg[1] != ECHO:
                        return msg
                    self.sock.sendall(bytes([4, ECHO_REPLY]) + msg[2:])
                    continue
            data = self.sock.recv(1 << 18)
            if not data:
                raise RuntimeError('the switch has closed')
            self.rest += data

    def barrier(self, xid=7):
        """Until the reply; returns the errors that came before it."""
        self.sock.sendall(message(BARRIER, xid=xid))
        errors = 0
        while True:
            msg = self.read()
            errors += msg[1] == ERROR
            if msg[1] == BARRIER_REPLY and msg[4:8] == struct.pack('!I', xid):
                return errors

    def count(self, kind, seconds, clock):
        """Messages of a type that arrive in so many seconds, and the seconds they took; nothing else is done with them."""
        buf, n, begin = self.rest, 0, clock()
        self.sock.settimeout(1)
        while clock() - begin < seconds:
            at, end = 0, len(buf)
            while end - at >= 8:
                size = buf[at + 2] << 8 | buf[at + 3]
                if size > end - at:
                    break
                if buf[at + 1] == kind:
                    n += 1
                elif buf[at + 1] == ECHO:
                    self.sock.sendall(bytes([4, ECHO_REPLY]) + buf[at + 2:at + size])
                at += size
            try:
                data = self.sock.recv(1 << 18)
            except TimeoutError:
                data = b''
            buf = buf[at:] + data
        self.rest = buf
        return n, clock() - begin
