# SPDX-License-Identifier: ISC
"""A controller in the hand: one OpenFlow 1.3 connection, message by message, with os-ken's codec; and raw frames at hosts.

A Client never answers of its own accord, except echo requests.  What arrives unasked waits in 'unasked' until somebody looks."""

import ctypes
import os
import select
import socket
import struct
import threading
import time

import os_ken.ofproto.ofproto_v1_3 as ofp
import os_ken.ofproto.ofproto_v1_3_parser as parser
from os_ken.ofproto import ofproto_parser

from lab import PATIENCE

CLONE_NEWNET = 0x40000000
ANY = 0xffffffff
NO_BUFFER = 0xffffffff


def in_namespace(name, make):
    """Runs make() in a thread inside the network namespace and returns what it returns: sockets stay where they were made."""
    result = []

    def body():
        try:
            fd = os.open('/run/netns/' + name, os.O_RDONLY)
            try:
                if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), 'setns')
            finally:
                os.close(fd)
            result.append((make(), None))
        except Exception as e:
            result.append((None, e))
    t = threading.Thread(target=body)
    t.start()
    t.join()
    value, error = result[0]
    if error:
        raise error
    return value


class _Datapath:
    """What os-ken's message classes want to know of a connection."""
    ofproto, ofproto_parser = ofp, parser

    def set_xid(self, msg):
        msg.set_xid(0)


DP = _Datapath()


class Refused(Exception):
    def __init__(self, msg):
        super().__init__('error type %d code %d' % (msg.type, msg.code))
        self.type, self.code, self.data = msg.type, msg.code, msg.data


class Client:
    """One connection.  'sock' is connected already; the hello is exchanged here unless hello is False."""

    def __init__(self, sock, hello=True, features=True):
        self.sock, self.rest, self.unasked, self.xid = sock, b'', [], 0x1000
        sock.setblocking(False)
        if hello:
            self.send_raw(struct.pack('!BBHI', 4, 0, 16, 1) + struct.pack('!HHI', 1, 8, 1 << 4))
            self.hello = self.wait(lambda m: m.msg_type == ofp.OFPT_HELLO)
        if hello and features:
            self.features = self.ask(parser.OFPFeaturesRequest(DP))

    @classmethod
    def mgmt(cls, switch, **how):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.connect(switch.mgmt_path())
        return cls(s, **how)

    @classmethod
    def connect(cls, switch, port, host='127.0.0.1', **how):
        """To a passive listener of the switch, inside its namespace."""
        return cls(in_namespace(switch.ns.name, lambda: socket.create_connection((host, port), PATIENCE)), **how)

    def close(self):
        self.sock.close()

    # ---- bytes ----

    def send_raw(self, data):
        while data:
            _, ready, _ = select.select([], [self.sock], [], PATIENCE)
            assert ready, 'the switch does not read'
            data = data[self.sock.send(data):]

    def next_raw(self, limit=PATIENCE):
        """The next whole message as bytes; None when none comes in time or the switch has closed ('closed' tells)."""
        end = time.monotonic() + limit
        self.closed = False
        while True:
            if len(self.rest) >= 8:
                length = struct.unpack_from('!H', self.rest, 2)[0]
                if len(self.rest) >= length:
                    msg, self.rest = self.rest[:length], self.rest[length:]
                    return msg
            ready, _, _ = select.select([self.sock], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            try:
                data = self.sock.recv(1 << 16)
            except ConnectionError:
                data = b''
            if not data:
                self.closed = True
                return None
            self.rest += data

    # ---- messages ----

    def next(self, limit=PATIENCE):
        raw = self.next_raw(limit)
        if raw is None:
            return None
        version, kind, length, xid = struct.unpack_from('!BBHI', raw)
        if kind == ofp.OFPT_ECHO_REQUEST:
            self.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_ECHO_REPLY, length, xid) + raw[8:])
            return self.next(limit)
        msg = ofproto_parser.msg(DP, version, kind, length, xid, raw)
        assert msg is not None, 'os-ken can not read %s' % raw.hex()
        msg.raw = raw
        return msg

    def wait(self, wanted, limit=PATIENCE):
        """The first message that 'wanted' takes; others are kept in 'unasked'."""
        end = time.monotonic() + limit
        while True:
            msg = self.next(max(0, end - time.monotonic()))
            assert msg is not None, 'closed' if self.closed else 'it has not come in %d s; came: %s' % (
                limit, [(m.msg_type, getattr(m, 'xid', None)) for m in self.unasked])
            if wanted(msg):
                return msg
            self.unasked.append(msg)

    def send(self, msg, xid=None):
        if xid is None:
            self.xid += 1
            xid = self.xid
        msg.set_xid(xid)
        msg.serialize()
        self.send_raw(bytes(msg.buf))
        return xid

    def ask(self, msg, limit=PATIENCE):
        """Sends a request and returns its reply; a multipart reply comes as the list of all its entries.  Refused on an error."""
        xid = self.send(msg)
        body = []
        while True:
            reply = self.wait(lambda m: m.xid == xid, limit)
            if reply.msg_type == ofp.OFPT_ERROR:
                raise Refused(reply)
            if reply.msg_type != ofp.OFPT_MULTIPART_REPLY:
                return reply
            if not isinstance(reply.body, list):
                return reply.body
            body += reply.body
            if not reply.flags & ofp.OFPMPF_REPLY_MORE:
                return body

    def do(self, *msgs):
        """Sends messages that have no reply, then a barrier; raises Refused on the first error."""
        xids = [self.send(m) for m in msgs]
        xid = self.send(parser.OFPBarrierRequest(DP))
        errors = []
        while True:
            reply = self.wait(lambda m: m.xid in xids or m.xid == xid)
            if reply.xid == xid:
                break
            errors.append(reply)
        if errors:
            raise Refused(errors[0])

    def barrier(self):
        self.do()

    def quiet(self, kind=None, seconds=0.3):
        """Asserts that nothing (of that type) has come and comes unasked."""
        self.barrier()
        msg = self.next(seconds)
        if msg:
            self.unasked.append(msg)
        came = [m for m in self.unasked if kind is None or m.msg_type == kind]
        assert not came, came

    def take(self, kind, limit=PATIENCE):
        """The first unasked message of a type, now or soon."""
        for m in self.unasked:
            if m.msg_type == kind:
                self.unasked.remove(m)
                return m
        return self.wait(lambda m: m.msg_type == kind, limit)


def match(**fields):
    return parser.OFPMatch(**fields)


def output(port, max_len=ofp.OFPCML_NO_BUFFER):
    return parser.OFPActionOutput(port, max_len)


def apply(*actions):
    return parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, list(actions))


def write(*actions):
    return parser.OFPInstructionActions(ofp.OFPIT_WRITE_ACTIONS, list(actions))


def flow(*insts, table=0, priority=100, command=ofp.OFPFC_ADD, flags=0, cookie=0, cookie_mask=0, idle=0, hard=0,
         out_port=ANY, out_group=ANY, buffer_id=NO_BUFFER, **fields):
    return parser.OFPFlowMod(DP, cookie, cookie_mask, table, command, idle, hard, priority, buffer_id, out_port,
                             out_group, flags, match(**fields), list(insts))


def group(kind, group_id, *buckets, command=ofp.OFPGC_ADD):
    return parser.OFPGroupMod(DP, command, kind, group_id, list(buckets))


def bucket(*actions, weight=0, watch_port=ANY, watch_group=ANY):
    return parser.OFPBucket(weight, watch_port, watch_group, list(actions))


def packet_out(data, *actions, in_port=ofp.OFPP_CONTROLLER):
    return parser.OFPPacketOut(DP, NO_BUFFER, in_port, list(actions), data)


class Cable:
    """Raw frames at a host's eth0: what is sent and what arrives, whole and untouched."""

    def __init__(self, host):
        self.sock = in_namespace(host.name, self._open)
        host.lab.later(self.sock.close)

    @staticmethod
    def _open():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind(('eth0', 0))
        s.setblocking(False)
        s.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA: the outer tag is not among the bytes
        return s

    def send(self, *frames):
        for f in frames:
            self.sock.send(bytes(f))

    def receive(self, limit=PATIENCE):
        """The next frame that came from the switch, its VLAN tag put back; None if none comes in time."""
        end = time.monotonic() + limit
        while True:
            ready, _, _ = select.select([self.sock], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            data, control, _, address = self.sock.recvmsg(1 << 16, 256)
            if address[2] == 4:  # PACKET_OUTGOING
                continue
            for level, kind, aux in control:
                if level == 263 and kind == 8:
                    status, _, _, _, _, tci, tpid = struct.unpack_from('=IIIHHHH', aux)
                    if status & 0x10:
                        data = data[:12] + struct.pack('!HH', tpid if status & 0x40 else 0x8100, tci) + data[12:]
            return data

    def drain(self, marker=None, seconds=0.3):
        """All frames that are there or come within 'seconds' of the last one."""
        frames = []
        while True:
            f = self.receive(seconds)
            if f is None:
                return frames
            frames.append(f)
