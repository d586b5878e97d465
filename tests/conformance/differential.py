#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The same random pipelines and frames through Open vSwitch's userspace datapath and through rf-switchd, side by side in one namespace;
what comes out of each port must be the same, byte for byte, and so must the errors that messages get.

    differential.py [--pipelines N] [--frames N] [--seed S] [--workers N]

A pipeline's seed is S, S + 1, ...: --pipelines 1 --seed X shows one again.  Exit status: 0 no difference, 1 some, 77 something is
missing.  diff_gen.py says what is generated and what is left out, with the clauses."""

import argparse
import collections
import os
import select
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'system')]
sys.dont_write_bytecode = True

import diff_gen as gen  # noqa: E402
import lab as labs  # noqa: E402
import ovs  # noqa: E402

SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
SO_RCVBUFFORCE = 33
INVALID_TTL = 2
NX_MATCH = 3  # of Open vSwitch: what the standard calls normal, first fragments have their ports
BURST = 20  # frames before one waits for what they lead to: Open vSwitch's sockets hold few
PORTS = range(1, gen.N_PORTS + 1)


class Ports:
    """The far ends of one switch's cables: raw sockets that send, and receive with the tag that the kernel takes off."""

    def __init__(self, ns, prefix):
        from openflow import in_namespace
        self.prefix = prefix
        self.sockets = in_namespace(ns.name, lambda: {p: self.open('%s%d' % (prefix, p)) for p in PORTS})
        self.by_fd = {s.fileno(): p for p, s in self.sockets.items()}

    @staticmethod
    def open(device):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((device, 3))
        s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        s.setblocking(False)
        return s

    def read(self, s):
        """The frames that wait at a socket."""
        while True:
            try:
                data, extra, _, sender = s.recvmsg(4096, 128)
            except BlockingIOError:
                return
            if sender[2] == PACKET_OUTGOING:
                continue
            for level, kind, value in extra:
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                    status, _, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', value[:20])
                    if status & 0x10:
                        data = data[:12] + struct.pack('!HH', tpid if status & 0x40 else 0x8100, tci) + data[12:]
            yield data

    def exchange(self, frames, expected=0):
        """Sends and returns {port: [what came out]}: all of it, for a last frame on each port comes out everywhere.  With several workers
        that one may overtake others: then as many as the peer has sent are waited for, as long as a second brings one."""
        out, marks, n, patient = collections.defaultdict(list), 0, 0, True
        for f in frames:
            self.sockets[f.fields['in_port']].send(f.data)
        for p in PORTS:
            self.sockets[p].send(gen.MARK + bytes([p]) + bytes(6) + b'\x90\x00' + bytes(46))
        end = time.monotonic() + labs.PATIENCE
        while marks < len(PORTS) ** 2 or (n < expected and patient):
            ready, _, _ = select.select(list(self.sockets.values()), [], [], 1)
            patient = bool(ready)
            assert time.monotonic() < end, 'the end of a burst is not seen at %s: %d of %d' % (self.prefix, marks, len(PORTS) ** 2)
            for s in ready:
                for data in self.read(s):
                    if data.startswith(gen.MARK):
                        marks += 1
                    else:
                        out[self.by_fd[s.fileno()]].append(data)
                        n += 1
        return out


class PacketIn(collections.namedtuple('PacketIn', 'reason table cookie total match data')):
    def __new__(cls, body):
        _, total, reason, table, cookie, _, length = struct.unpack_from('!IHBBQHH', body)
        at, match = 20, {}
        while at + 4 <= 16 + length:
            klass, field, size = struct.unpack_from('!HBB', body, at)
            match[klass, field >> 1] = body[at + 4:at + 4 + size]
            at += 4 + size
        fields = match.get((0x8000, 0)), match.get((0x8000, 2))
        return super().__new__(cls, reason, table, cookie, total, fields, body[16 + (length + 7) // 8 * 8 + 2:])

    def cut(self, max_len):
        """What a switch sends that heeds max_len (7.2.5): Open vSwitch sends all of a frame."""
        return self if self.reason == INVALID_TTL or max_len == 0xffff else self._replace(data=self.data[:max_len])


class Control:
    """An OpenFlow connection to a switch's management socket."""

    def __init__(self, path, frags):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.connect(path)
        self.s.settimeout(labs.PATIENCE)
        self.file = self.s.makefile('rb')
        self.s.sendall(gen.message(0, 1, struct.pack('!HHI', 1, 8, 1 << 4)))
        self.s.sendall(gen.message(9, 2, struct.pack('!HH', frags, 0xffff)))  # packet-ins, and all of a frame that lost its TTL
        self.s.sendall(gen.message(28, 3, struct.pack('!6I', 7, 7, 0, 0, 0, 0)))
        self.packet_ins = []

    def load(self, messages):
        """Returns {xid: (type, code)} of the errors, once all has been carried out."""
        self.s.sendall(b''.join(messages) + gen.message(20, 0xffff, b''))
        errors = {}
        for kind, xid, body in self.read():
            if kind == 1:
                errors[xid] = struct.unpack_from('!HH', body)
            elif kind == 21:
                return errors

    def read(self):
        while True:
            _, kind, length, xid = struct.unpack('!BBHI', self.file.read(8))
            body = self.file.read(length - 8)
            if kind == 10:
                self.packet_ins.append(PacketIn(body))
            else:
                yield kind, xid, body

    def take_packet_ins(self, expected=0):
        """Those up to the frames that end a burst; 'expected': see Ports.exchange."""
        marks, taken, end = 0, [], time.monotonic() + labs.PATIENCE
        while marks < len(PORTS) or (len(taken) < expected and time.monotonic() < end):
            for p in self.packet_ins:
                if p.data.startswith(gen.MARK):
                    marks += 1
                else:
                    taken.append(p)
            self.packet_ins = []
            if marks < len(PORTS) or len(taken) < expected:
                self.load([])
        return taken

    def stats(self, kind, body):
        """The entries of a multipart reply, all parts together."""
        self.s.sendall(gen.message(18, 5, struct.pack('!HHxxxx', kind, 0) + body))
        data = b''
        for reply, xid, part in self.read():
            if (reply, xid) == (19, 5):
                data += part[8:]
                if not struct.unpack_from('!HH', part)[1] & 1:
                    return data

    def counters(self, pipeline):
        """{what: (packets, bytes)} of flow entries, groups, buckets and meters, as far as they are to be the same."""
        sized = not pipeline.resizes
        counts, data = {}, self.stats(1, struct.pack('!BxxxIIxxxxQQ', 0xff, gen.ANY, gen.ANY, 0, 0) + gen.match_bytes({}))
        while data:
            length, cookie, packets, octets = struct.unpack_from('!H22xQQQ', data)
            counts['flow', cookie] = packets, octets * (not pipeline.reparses)
            data = data[length:]
        data = self.stats(6, struct.pack('!Ixxxx', 0xfffffffc))
        while data:
            length, number, packets, octets = struct.unpack_from('!HxxI8xQQ', data)
            counts['group', number] = packets, octets * sized
            for i, at in enumerate(range(40, length if number not in pipeline.selects else 0, 16)):
                packets, octets = struct.unpack_from('!QQ', data, at)
                counts['group', number, 'bucket', i] = packets, octets * sized
            data = data[length:]
        data = self.stats(9, struct.pack('!Ixxxx', 0xffffffff))
        while data:
            number, length, flows, packets, octets = struct.unpack_from('!IH6xIQQ', data)
            counts['meter', number] = packets, octets * sized
            counts['meter', number, 'entries'] = flows
            data = data[length:]
        return counts

    def received(self):
        """The frames that the switch has taken from its ports."""
        data = self.stats(4, struct.pack('!Ixxxx', gen.ANY))
        return sum(struct.unpack_from('!Q', data, at + 8)[0] for at in range(0, len(data), 112))


class Pair:
    def __init__(self, lab, workers):
        self.lab, self.workers, self.ns, far = lab, workers, lab.namespace('sw'), lab.namespace('far')
        for ns in (self.ns, far):
            ns.sh('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
        for kind in 'or':
            for p in PORTS:
                labs.run('ip', 'link', 'add', '%s%d' % (kind, p), 'netns', self.ns.name, 'type', 'veth', 'peer', 'name',
                         'f%s%d' % (kind, p), 'netns', far.name)
                self.ns.ip('link', 'set', '%s%d' % (kind, p), 'up')
                far.ip('link', 'set', 'f%s%d' % (kind, p), 'up')
        self.ovs = ovs.OpenVSwitch(lab, self.ns)
        self.ovs.vsctl('set', 'Open_vSwitch', '.', 'other_config:vlan-limit=2')
        self.ovs.bridge('peer', '0000000000000002', {p: 'o%d' % p for p in PORTS})
        self.switch = labs.Switch(lab, self.ns, '--fail-mode', 'secure', ports=[(p, 'r%d' % p) for p in PORTS], workers=workers)
        self.control = [Control(self.ovs.mgmt('peer'), NX_MATCH), Control(self.switch.mgmt_path(), 0)]
        self.ports = [Ports(far, 'fo'), Ports(far, 'fr')]
        self.compared = self.asked = self.counts = 0  # frames out of Open vSwitch and to its controllers, counters

    def exchange(self, burst, expected):
        """With rf-switchd.  A worker may still have frames that lead to nothing when all that leads to something has come out: they must
        not meet the next tables."""
        if self.workers == 1:
            return self.ports[1].exchange(burst)
        before = self.control[1].received()
        out = self.ports[1].exchange(burst, expected)
        labs.eventually(lambda: self.control[1].received() >= before + len(burst) + len(PORTS), 'all frames at rf-switchd')
        return out

    def run(self, pipeline):
        """Yields the differences as text."""
        errors = [c.load(pipeline.messages) for c in self.control]
        for xid in sorted(set(errors[0].items()) ^ set(errors[1].items())):
            yield 'message %x %s: error %s' % (xid[0], describe(pipeline.flows.get(xid[0])), xid[1])
        for at in range(0, len(pipeline.frames), BURST):
            burst = pipeline.frames[at:at + BURST]
            theirs = self.ports[0].exchange(burst)
            ours = self.exchange(burst, sum(map(len, theirs.values())))
            asked = [self.control[0].take_packet_ins()]
            asked.append(self.control[1].take_packet_ins(len(asked[0]) if self.workers > 1 else 0))
            asked[0] = [p.cut(pipeline.max_len) for p in asked[0]]
            if pipeline.with_sets:
                asked = [[p._replace(table=None, cookie=None) for p in some] for some in asked]
            a, b = map(collections.Counter, asked)
            self.asked += len(asked[0])
            for p in (a - b).elements():
                yield difference(burst, 0, 'only from Open vSwitch', p.data) + ' %s' % (p[:5],)
            for p in (b - a).elements():
                yield difference(burst, 0, 'only from rf-switchd  ', p.data) + ' %s' % (p[:5],)
            for port in PORTS:
                a, b = collections.Counter(theirs[port]), collections.Counter(ours[port])
                self.compared += len(theirs[port])
                for data in (a - b).elements():
                    yield difference(burst, port, 'only from Open vSwitch', data)
                for data in (b - a).elements():
                    yield difference(burst, port, 'only from rf-switchd  ', data)
        yield from self.counters(pipeline)

    def counters(self, pipeline):
        """A frame that leads to nothing may still be on its way with several workers, and a worker counts what it has sent after that."""
        theirs = self.control[0].counters(pipeline)
        end = time.monotonic() + (10 if self.workers == 1 else labs.PATIENCE)
        while True:
            ours = self.control[1].counters(pipeline)
            if ours == theirs or time.monotonic() > end:
                break
        self.counts += len(theirs)
        for what in sorted(theirs.keys() | ours.keys(), key=str):
            if theirs.get(what) != ours.get(what):
                yield 'counters of %s: Open vSwitch %s, rf-switchd %s' % (what, theirs.get(what), ours.get(what))


def describe(flow):
    return '' if flow is None else 'table %d priority %d match %s instructions %s' % (
        flow[0], flow[1], flow[2], [i.hex() for i in flow[3]])


def difference(burst, port, what, data):
    source = [f for f in burst if f.data[-4:] == data[-4:]]
    return '%s, port %d: %s\n    sent to port %s: %s' % (what, port, data.hex(), source[0].fields['in_port'] if source else '?',
                                                        source[0].data.hex() if source else '?')


def main(words):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--pipelines', type=int, default=1000)
    p.add_argument('--frames', type=int, default=100, help='of each pipeline (100)')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--workers', type=int, default=1, help='of rf-switchd (1)')
    p.add_argument('--show', action='store_true', help='print the entries of pipelines with differences')
    a = p.parse_args(words)
    lack = 'root' if os.geteuid() else ovs.missing() and 'openvswitch-switch (%s)' % ovs.missing()
    if lack:
        print('differential: not run, this is missing: ' + lack)
        return 77
    lab, wrong, begin = labs.Lab(), 0, time.monotonic()
    try:
        pair = Pair(lab, a.workers)
        for seed in range(a.seed, a.seed + a.pipelines):
            pipeline = gen.Pipeline(seed, a.frames)
            try:
                found = list(pair.run(pipeline))
            except Exception:
                print('seed %d: the run ends here' % seed, pair.ovs.daemon.text()[-500:])
                raise
            wrong += bool(found)
            if found:
                print('seed %d: %d differences' % (seed, len(found)))
                print('\n'.join(found[:4]))
            if found and a.show:
                print('\n'.join('  ' + describe(f) for f in pipeline.flows.values()))
    finally:
        lab.close()
    print('%d pipelines (seeds %d to %d), %d frames in, %d out, %d packet-ins, %d counters, %d pipelines with differences, %d s' % (
        a.pipelines, a.seed, a.seed + a.pipelines - 1, a.pipelines * a.frames, pair.compared, pair.asked, pair.counts, wrong,
        time.monotonic() - begin))
    return 1 if wrong or not pair.compared else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
