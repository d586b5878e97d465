# SPDX-License-Identifier: ISC
"""Random pipelines and frames of what both switches of the differential test support; OpenFlow as bytes.

A pipeline is some groups and some tables of entries; priorities in a table differ, for the standard leaves the choice among equal ones open
(5.3).  Actions fit the match of their entry (7.2.3.8).  What Open vSwitch is known to do otherwise is avoided here, with its clause:

  5.12.1  a pushed label: Open vSwitch writes TTL 64 on frames that are not IP, label 2 above IPv6, and a traffic class; all are set here
  5.12.1  a pushed VLAN tag has VID and PCP of the tag before it; Open vSwitch writes PCP 0: both are set here
  5.12    a pushed label goes before a VLAN tag; Open vSwitch puts it after the tag: labels are pushed on untagged frames only
  5.4     a frame that meets no entry is dropped with its action set; Open vSwitch carries that out: where there are sets, later tables
          have a table-miss entry
  5.12    after a TTL has run out Open vSwitch still carries out the action set: small TTLs only in pipelines without one
  5.10    labels pushed or popped while an action set waits: Open vSwitch 3.1 ends itself by an assertion (recirc_alloc_id__, when the set
          is longer than the actions left): pipelines have the one or the other
  5.4     a table-miss entry that writes an output to the controller: its packet-ins say NO_MATCH, Open vSwitch says ACTION
  5.12    an SCTP fragment: of a part no checksum can be made; both leave a wrong one
  7.3.2.1 a later fragment has no ports, types and codes; Open vSwitch takes them for 0: ICMP has no fragments here, masked ports not 0
          under the mask, and ports are set where an entry asks for one.  Of a first fragment it sees them in its mode NX_MATCH only.
          Later ones of IPv6 have protocol 44 for it, and are left out
  RFC 791 an address is set in a later fragment: Open vSwitch writes a checksum into its payload; not where that may be
  7.2.5   max_len: Open vSwitch sends all of a frame; it is cut before it is compared, a pipeline has one max_len
  7.4.1   table and cookie of a packet-in are of the entry at which the action set is carried out; Open vSwitch says those of the first
          table: they are compared where there are no sets
  5.6.1   SELECT: the choice is the switch's; all buckets do the same.  Their weights keep Open vSwitch from hashing in its datapath, which
          recirculates, with the assertion below
  table 5 bytes of groups and meters are those of the frames that reach them; Open vSwitch counts what was received: they are compared where nothing
          is pushed or popped
  table 5 bytes of entries are those of the frame as it was received; Open vSwitch counts anew what it must parse again when a label has
          gone: they are compared where no frame goes on to another table after that
  limits  Open vSwitch has two VLAN tags and three labels: what goes beyond, PBB and copied TTLs are for tests/model"""

import random
import struct

IN_PORT, ALL, FLOOD, CONTROLLER, ANY = 0xfffffff8, 0xfffffffc, 0xfffffffb, 0xfffffffd, 0xffffffff
N_PORTS = 4
MAX_LENS = [0xffff, 0xffe5, 200, 64, 30, 14, 1, 0]
SELECT, INDIRECT, FF = 1, 2, 3
MARK = bytes.fromhex('0e00000000')  # + port: the end of a burst

OXM = {'in_port': (0, 4), 'metadata': (2, 8), 'eth_dst': (3, 6), 'eth_src': (4, 6), 'eth_type': (5, 2), 'vlan_vid': (6, 2),
       'vlan_pcp': (7, 1), 'ip_dscp': (8, 1), 'ip_ecn': (9, 1), 'ip_proto': (10, 1), 'ipv4_src': (11, 4), 'ipv4_dst': (12, 4),
       'tcp_src': (13, 2), 'tcp_dst': (14, 2), 'udp_src': (15, 2), 'udp_dst': (16, 2), 'sctp_src': (17, 2), 'sctp_dst': (18, 2),
       'icmpv4_type': (19, 1), 'icmpv4_code': (20, 1), 'arp_op': (21, 2), 'arp_spa': (22, 4), 'arp_tpa': (23, 4),
       'arp_sha': (24, 6), 'arp_tha': (25, 6), 'ipv6_src': (26, 16), 'ipv6_dst': (27, 16), 'ipv6_flabel': (28, 4),
       'icmpv6_type': (29, 1), 'icmpv6_code': (30, 1), 'nd_target': (31, 16), 'nd_sll': (32, 6), 'nd_tll': (33, 6),
       'mpls_label': (34, 4), 'mpls_tc': (35, 1), 'mpls_bos': (36, 1)}
MASKED = set('metadata eth_dst eth_src ipv4_src ipv4_dst tcp_src tcp_dst udp_src udp_dst sctp_src sctp_dst arp_spa arp_tpa '
             'arp_sha arp_tha ipv6_src ipv6_dst ipv6_flabel nd_target'.split())
ANYWHERE = ('vlan_pcp ip_dscp ip_ecn ipv4_src ipv4_dst tcp_src tcp_dst udp_src udp_dst sctp_src icmpv4_type arp_op arp_spa '
            'arp_tha ipv6_src ipv6_dst ipv6_flabel nd_target nd_sll nd_tll mpls_label mpls_tc').split()
L4 = {6: 'tcp', 17: 'udp', 132: 'sctp'}
PORTS = [proto + end for proto in L4.values() for end in ('_src', '_dst')]


# ---- bytes ----

def oxm(name, value, mask=None):
    number, size = OXM[name]
    data = value.to_bytes(size, 'big') + (mask.to_bytes(size, 'big') if mask is not None else b'')
    return struct.pack('!HBB', 0x8000, number << 1 | (mask is not None), len(data)) + data


def pad8(data):
    return data + bytes(-len(data) % 8)


def match_bytes(fields):
    body = b''.join(oxm(n, *fields[n]) for n in sorted(fields, key=lambda n: OXM[n][0]))
    return pad8(struct.pack('!HH', 1, 4 + len(body)) + body)


def output(port, max_len=0xffff):
    return struct.pack('!HHIHxxxxxx', 0, 16, port, max_len)


def simple(kind, value=0):
    return struct.pack('!HHHxx', kind, 8, value)


def ttl(kind, value):
    return struct.pack('!HHBxxx', kind, 8, value)


def to_group(number):
    return struct.pack('!HHI', 22, 8, number)


def set_field(name, value):
    data = pad8(struct.pack('!HH', 25, 0) + oxm(name, value))
    return data[:2] + struct.pack('!H', len(data)) + data[4:]


def actions_inst(kind, actions):
    body = b''.join(actions)
    return struct.pack('!HHxxxx', kind, 8 + len(body)) + body


def message(kind, xid, body):
    return struct.pack('!BBHI', 4, kind, 8 + len(body), xid) + body


def flow_mod(xid, table, priority, fields, insts, command=0):
    head = struct.pack('!QQBBHHHIIIHxx', xid, 0, table, command, 0, 0, priority, ANY, ANY, ANY, 0)
    return message(14, xid, head + match_bytes(fields) + b''.join(insts))


def bucket(actions, weight=0, watch_port=ANY, watch_group=ANY):
    data = b''.join(actions)
    return struct.pack('!HHIIxxxx', 16 + len(data), weight, watch_port, watch_group) + data


def group_mod(xid, kind, number, buckets, command=0):
    return message(15, xid, struct.pack('!HBxI', command, kind, number) + b''.join(buckets))


def meter_mod(xid, number, flags, bands, command=0):
    """'bands': (rate, burst) of drop bands."""
    body = struct.pack('!HHI', command, flags, number)
    return message(29, xid, body + b''.join(struct.pack('!HHIIxxxx', 1, 16, rate, burst) for rate, burst in bands))


def delete_all(xid):
    return [flow_mod(xid, 0xff, 0, {}, [], command=3), group_mod(xid + 1, 0, 0xfffffffc, [], command=2),
            meter_mod(xid + 2, 0xffffffff, 1, [], command=2)]


# ---- frames ----

def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


CRC = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82f63b78 if n & 1 else 0)
    CRC.append(n)


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


class Frame:
    """Fields by name and the bytes."""

    def __init__(self, fields, data):
        self.fields, self.data = fields, data


class World:
    """The small set of values that frames and entries of one pipeline are made of."""

    def __init__(self, rnd, small_ttl):
        self.rnd, self.small_ttl, self.two_tags = rnd, small_ttl, rnd.random() < 0.3
        self.fragments, self.max_len = rnd.random() < 0.3, rnd.choice(MAX_LENS)
        self.three_labels = rnd.random() < 0.3  # and none is pushed
        pick = rnd.getrandbits
        self.macs = [0x020000000000 | pick(24) for _ in range(3)]
        self.vids = [1 + pick(11) for _ in range(2)]
        self.v4 = [pick(32) & 0x7fffffff | 0x01000000 for _ in range(4)]
        self.v6 = [0x20010db8 << 96 | pick(64) for _ in range(3)]
        self.ports = [1 + pick(15) for _ in range(3)]
        self.labels = [16 + pick(10) for _ in range(2)]

    def ttl(self):
        return self.rnd.choice([1, 2, 64]) if self.small_ttl else self.rnd.choice([16, 64, 255])

    def value(self, name):
        """Another value for a field."""
        r = self.rnd
        if name.startswith('eth_') or name in ('arp_sha', 'arp_tha', 'nd_sll', 'nd_tll'):
            return r.choice(self.macs)
        if name in ('ipv4_src', 'ipv4_dst', 'arp_spa', 'arp_tpa'):
            return r.choice(self.v4)
        if name in ('ipv6_src', 'ipv6_dst', 'nd_target'):
            return r.choice(self.v6)
        if name.startswith(('tcp', 'udp', 'sctp')):
            return r.choice(self.ports)
        return {'vlan_vid': 0x1000 | r.choice(self.vids), 'vlan_pcp': r.randrange(8), 'ip_dscp': r.randrange(64),
                'ip_ecn': r.randrange(4), 'icmpv4_type': r.choice([0, 8, 13]), 'icmpv4_code': r.randrange(3),
                'icmpv6_code': r.randrange(3), 'arp_op': r.choice([1, 2]), 'ipv6_flabel': r.getrandbits(20),
                'mpls_label': r.choice(self.labels), 'mpls_tc': r.randrange(8)}[name]

    # -- what frames are built of, from the inside --

    def transport(self, f, proto, tail, pseudo):
        r = self.rnd
        if proto in L4:
            f[L4[proto] + '_src'], f[L4[proto] + '_dst'] = src, dst = r.choice(self.ports), r.choice(self.ports)
        if proto == 6:
            data = bytearray(struct.pack('!HHIIBBHHH', src, dst, r.getrandbits(32), 0, 0x50, 16, 4096, 0, 0) + tail)
            at = 16
        elif proto == 17:
            data = bytearray(struct.pack('!HHHH', src, dst, 8 + len(tail), 0) + tail)
            at = 6
        elif proto == 132:
            data = bytearray(struct.pack('!HHII', src, dst, r.getrandbits(32), 0) + tail)
            struct.pack_into('<I', data, 8, crc32c(data))
            return bytes(data)
        elif proto == 1:
            f['icmpv4_type'], f['icmpv4_code'] = kind, code = r.choice([0, 8]), r.randrange(2)
            data, at = bytearray(struct.pack('!BBHI', kind, code, 0, 7) + tail), 2
        elif proto == 58:
            f['icmpv6_type'] = kind = r.choice([128, 135, 136])
            f['icmpv6_code'] = 0
            data, at = bytearray(struct.pack('!BBHI', kind, 0, 0, 0)), 2
            if kind == 128:
                data += tail
            else:
                f['nd_target'] = r.choice(self.v6)
                name = 'nd_sll' if kind == 135 else 'nd_tll'
                f[name] = r.choice(self.macs)
                data += f['nd_target'].to_bytes(16, 'big') + bytes([1 if kind == 135 else 2, 1]) + f[name].to_bytes(6, 'big')
        else:
            return tail
        struct.pack_into('!H', data, at, checksum((pseudo(len(data)) if proto != 1 else b'') + bytes(data)))
        if proto == 17 and data[6:8] == b'\0\0':
            data[6:8] = b'\xff\xff'
        return bytes(data)

    def fragment(self, proto):
        """Whether more come, and the offset."""
        if not self.fragments or proto in (1, 58, 132) or self.rnd.random() < 0.6:
            return 0, 0
        return self.rnd.choice([(1, 0), (1, 100), (0, 3)])

    def ipv4(self, f, tail):
        r = self.rnd
        proto = r.choice([6, 6, 17, 17, 1, 132, 47])
        more, offset = self.fragment(proto)
        f.update(eth_type=0x0800, ip_proto=proto, ipv4_src=r.choice(self.v4), ipv4_dst=r.choice(self.v4),
                 ip_dscp=r.choice([0, 10, 46]), ip_ecn=r.randrange(4))
        ends = struct.pack('!II', f['ipv4_src'], f['ipv4_dst'])
        body = tail if offset else self.transport(f, proto, tail, lambda n: ends + struct.pack('!BBH', 0, proto, n))
        where = more << 13 | offset if more or offset else 0x4000
        head = struct.pack('!BBHHHBBH', 0x45, f['ip_dscp'] << 2 | f['ip_ecn'], 20 + len(body), r.getrandbits(16), where,
                           self.ttl(), proto, 0) + ends
        return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + body

    def ipv6(self, f, tail):
        r = self.rnd
        proto = r.choice([6, 17, 58, 132])
        f.update(eth_type=0x86dd, ip_proto=proto, ipv6_src=r.choice(self.v6), ipv6_dst=r.choice(self.v6),
                 ip_dscp=r.choice([0, 10]), ip_ecn=r.randrange(4), ipv6_flabel=r.choice([0, 0x12345]))
        ends = f['ipv6_src'].to_bytes(16, 'big') + f['ipv6_dst'].to_bytes(16, 'big')
        body, follows = self.transport(f, proto, tail, lambda n: ends + struct.pack('!II', n, proto)), proto
        if self.fragment(proto) == (1, 0):
            body, follows = struct.pack('!BxHI', proto, 1, r.getrandbits(32)) + body, 44
        if r.random() < 0.1:
            body, follows = bytes([follows, 0, 1, 4, 0, 0, 0, 0]) + body, 60
        first = 6 << 28 | f['ip_dscp'] << 22 | f['ip_ecn'] << 20 | f['ipv6_flabel']
        return struct.pack('!IHBB', first, len(body), follows, self.ttl()) + ends + body

    def arp(self, f, tail):
        r = self.rnd
        f.update(eth_type=0x0806, arp_op=r.choice([1, 2]), arp_sha=r.choice(self.macs), arp_spa=r.choice(self.v4),
                 arp_tha=r.choice(self.macs), arp_tpa=r.choice(self.v4))
        return (struct.pack('!HHBBH', 1, 0x0800, 6, 4, f['arp_op']) + f['arp_sha'].to_bytes(6, 'big') +
                struct.pack('!I', f['arp_spa']) + f['arp_tha'].to_bytes(6, 'big') + struct.pack('!I', f['arp_tpa']) + tail)

    def mpls(self, f, tail):
        inner = {}
        data = self.ipv4(inner, tail)
        for i in range(self.rnd.choice([1, 2, 3] if self.three_labels else [1, 1, 2])):
            f.update(mpls_label=self.rnd.choice(self.labels), mpls_tc=self.rnd.randrange(8), mpls_bos=int(i == 0))
            data = struct.pack('!I', f['mpls_label'] << 12 | f['mpls_tc'] << 9 | f['mpls_bos'] << 8 | self.ttl()) + data
        f['eth_type'] = 0x8847
        return data

    def frame(self, number, kind=None):
        """Ends in its number, so that no two frames of a burst are the same."""
        r, f = self.rnd, {}
        tail = r.randbytes(r.randrange(20, 60)) + struct.pack('!I', number)
        make = kind or r.choices([self.ipv4, self.ipv6, self.arp, self.mpls], [5, 4, 1, 2])[0]
        data = make(f, tail)
        f.update(eth_dst=r.choice(self.macs), eth_src=r.choice(self.macs), in_port=1 + r.randrange(N_PORTS), vlan_vid=0)
        data = struct.pack('!H', f['eth_type']) + data
        if r.random() < 0.35:
            if self.two_tags and r.random() < 0.5:
                data = struct.pack('!HH', 0x8100, r.randrange(8) << 13 | r.choice(self.vids)) + data
            f['vlan_vid'], f['vlan_pcp'] = 0x1000 | r.choice(self.vids), r.randrange(8)
            data = struct.pack('!HH', r.choice([0x8100, 0x88a8]), f['vlan_pcp'] << 13 | f['vlan_vid'] & 0xfff) + data
        return Frame(f, f['eth_dst'].to_bytes(6, 'big') + f['eth_src'].to_bytes(6, 'big') + data)


# ---- entries ----

def needs(fields, name):
    """The fields that 'name' wants before it."""
    if name == 'vlan_pcp':
        return ['vlan_vid']
    if name.startswith('arp') or name.startswith('mpls') or name.startswith('ip'):
        return ['eth_type']
    if name in ('nd_target', 'nd_sll', 'nd_tll'):
        return ['eth_type', 'ip_proto', 'icmpv6_type']
    if name.split('_')[0] in ('tcp', 'udp', 'sctp', 'icmpv4', 'icmpv6'):
        return ['eth_type', 'ip_proto']
    return []


class Entries:
    def __init__(self, rnd, world, n_tables, groups, meters, with_sets):
        self.rnd, self.world, self.n_tables, self.with_sets = rnd, world, n_tables, with_sets
        self.groups, self.meters = groups, meters
        self.careful = False  # an entry that must not be refused
        self.resizes = False  # some entry pushes or pops
        self.reparses = False  # some entry pops a label and goes on to another table

    def some_mask(self, name, value):
        size = OXM[name][1] * 8
        if name in ('ipv4_src', 'ipv4_dst', 'ipv6_src', 'ipv6_dst') and self.rnd.random() < 0.7:
            mask = ((1 << size) - 1) & ~((1 << self.rnd.randrange(size)) - 1)
        else:
            mask = self.rnd.getrandbits(size)
        if name == 'ipv6_flabel':
            mask &= 0xfffff
        if self.world.fragments and name in PORTS and not value & mask:
            mask = 0
        return (value & mask, mask) if mask else (value, None)

    def match(self, table, example):
        """From the fields of a frame, so that it may be met."""
        r, f, fields = self.rnd, example.fields, {}
        for name in r.sample(sorted(f), min(len(f), r.choice([0, 1, 2, 3, 4]))):
            for n in needs(f, name) + [name]:
                if n == 'vlan_vid' and f[n] and name != 'vlan_pcp' and r.random() < 0.3:
                    fields.setdefault(n, (0x1000, 0x1000))
                elif n == name and n in MASKED and r.random() < 0.4:
                    fields[n] = self.some_mask(n, f[n])
                else:
                    fields.setdefault(n, (f[n], None))
        if table and r.random() < 0.3:
            fields['metadata'] = (r.randrange(4), 3)
        return fields

    def output(self, to_controller=True):
        r = self.rnd
        if self.groups and r.random() < 0.2:
            return to_group(r.choice(self.groups))
        if to_controller and r.random() < 0.15:
            return output(CONTROLLER, self.world.max_len)
        return output(r.choice([1, 2, 3, 4, 1, 2, 3, 4, IN_PORT, ALL, FLOOD]))

    def settable(self, known):
        """Fields that frames of this entry surely have."""
        names = ['eth_dst', 'eth_src']
        kind, proto = known.get('eth_type'), known.get('ip_proto')
        whole = not self.world.fragments or known.keys() & set(PORTS)
        if known.get('vlan_vid'):
            names += ['vlan_vid', 'vlan_pcp']
        if kind in (0x0800, 0x86dd):
            names += ['ip_dscp', 'ip_ecn']
            names += [L4[proto] + '_src', L4[proto] + '_dst'] if proto in L4 and whole else []
        if kind == 0x0800:
            names += ['ipv4_src', 'ipv4_dst'] if whole else []
            names += (['icmpv4_type', 'icmpv4_code'] if proto == 1 else [])
        if kind == 0x86dd:
            names += ['ipv6_src', 'ipv6_dst', 'ipv6_flabel']
            if proto == 58 and known.get('icmpv6_type') in (135, 136):
                names += ['nd_target', 'nd_sll' if known['icmpv6_type'] == 135 else 'nd_tll']
        if kind == 0x0806:
            names += ['arp_op', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha']
        if kind == 0x8847:
            names += ['mpls_label', 'mpls_tc']
        return names

    def change(self, known):
        r, kind = self.rnd, known.get('eth_type')
        choice = r.random()
        if choice < 0.2 and kind in (0x0800, 0x86dd):
            return r.choice([simple(24), ttl(23, r.randrange(2, 200))])
        if choice < 0.3 and kind == 0x8847:
            return r.choice([simple(16), ttl(15, r.randrange(2, 200))])
        name = r.choice(self.settable(known))
        if r.random() < 0.02 and not self.careful:
            name = r.choice(ANYWHERE)  # refused, where its prerequisites are not known
            if self.world.fragments and (name in PORTS or name.startswith('ipv4_')):
                name = 'eth_src'
        return set_field(name, self.world.value(name))

    def push_label(self, known):
        known.update(eth_type=0x8847, ip_proto=None, pushed=True)
        return [simple(19, 0x8847), set_field('mpls_label', self.world.value('mpls_label')),
                set_field('mpls_tc', self.world.value('mpls_tc')), ttl(15, self.rnd.randrange(2, 200))]

    def tags(self, table, known):
        """Tags change where their number is known to stay within Open vSwitch's limits."""
        r, kind = self.rnd, known.get('eth_type')
        choice = r.random()
        if choice < 0.15 and table == 0 and self.pushes and not known.get('pushed'):
            known.update(vlan_vid=0x1000, pushed=True)
            return [simple(17, r.choice([0x8100, 0x88a8])), set_field('vlan_vid', self.world.value('vlan_vid')),
                    set_field('vlan_pcp', self.world.value('vlan_pcp'))]
        if choice < 0.3 and known.get('vlan_vid'):
            known['vlan_vid'] = None
            return [simple(18)]
        if self.with_sets:
            return []
        if choice < 0.45 and table == 1 and known.get('vlan_vid') == 0 and not self.pushes and \
                not known.get('pushed') and not self.world.three_labels:
            return self.push_label(known)
        if choice < 0.6 and kind == 0x8847 and known.get('mpls_bos') is not None and known.get('vlan_vid') == 0:
            known.update(eth_type=0x0800 if known['mpls_bos'] else 0x8847, mpls_bos=None)
            return [simple(20, known['eth_type'])]
        return []

    def instructions(self, table, fields):
        r, insts, popped = self.rnd, [], False
        if self.meters and r.random() < 0.2:
            insts.append(struct.pack('!HHI', 6, 8, r.choice(self.meters)))
        known = {n: v for n, (v, mask) in fields.items() if mask is None or n == 'vlan_vid'}
        if r.random() < 0.75:
            actions = []
            for _ in range(r.randrange(4)):
                tags = self.tags(table, known)
                self.resizes |= bool(tags)
                actions += tags or [self.change(known) if r.random() < 0.7 else self.output()]
            popped = any(a[:2] == b'\0\x14' for a in actions)
            insts.append(actions_inst(4, actions + ([self.output()] if r.random() < 0.6 else [])))
        if self.with_sets and r.random() < 0.1:
            insts.append(struct.pack('!HHxxxx', 5, 8))
        if self.with_sets and r.random() < 0.5:
            chosen = {}
            for _ in range(r.randrange(3)):
                action = self.change(known)
                chosen[action[:2] if action[1] != 25 else action[6:7]] = action
            insts.append(actions_inst(3, list(chosen.values()) + [self.output(bool(fields))]))
        if r.random() < 0.3:
            insts.append(struct.pack('!HHxxxxQQ', 2, 24, r.randrange(4), 3))
        if table + 1 < self.n_tables and r.random() < 0.6:
            insts.append(struct.pack('!HHBxxx', 1, 8, r.randrange(table + 1, self.n_tables)))
            self.reparses |= popped
        return insts

    def table(self, table, examples):
        r = self.rnd
        self.pushes = (r.random() < 0.5 and not self.world.two_tags) if table == 0 else self.pushes
        for priority in r.sample(range(1, 60000), r.randrange(3, 12)):
            fields = self.match(table, r.choice(examples))
            yield table, priority, fields, self.instructions(table, fields)
        if r.random() < 0.5 or (table and self.with_sets):
            self.careful = True
            yield table, 0, {}, self.instructions(table, {})
            self.careful = False


def classbench(rnd, world):
    """Rules of five fields as filter sets have them: prefixes, a port or none, a protocol or none."""
    for priority in rnd.sample(range(1, 60000), 30):
        proto = rnd.choice([6, 17, None])
        fields = {'eth_type': (0x0800, None)}
        for name in ('ipv4_src', 'ipv4_dst'):
            length = rnd.choice([0, 8, 16, 24, 28, 32, 32])
            if length:
                mask = (0xffffffff << (32 - length)) & 0xffffffff
                fields[name] = (rnd.choice(world.v4) & mask, mask)
        if proto:
            fields['ip_proto'] = (proto, None)
            for end in ('_src', '_dst'):
                if rnd.random() < 0.4:
                    fields[L4[proto] + end] = (rnd.choice(world.ports), None)
        yield 0, priority, fields, [actions_inst(4, [output(1 + rnd.randrange(N_PORTS))])] if rnd.random() < 0.8 else []


class Pipeline:
    """'messages' make it; 'frames' are to be sent through it."""

    def __init__(self, seed, n_frames):
        r = random.Random(seed)
        small = r.random() < 0.1
        world = World(r, small)
        is_filter = r.random() < 0.2
        self.frames = [world.frame(i, world.ipv4 if is_filter else None) for i in range(n_frames)]
        self.max_len, self.with_sets, self.resizes, self.reparses = world.max_len, False, False, False
        self.flows, self.groups, self.meters, self.selects = {}, {}, {}, set()
        self.messages = delete_all(0x100000)
        if is_filter:
            rows = classbench(r, world)
        else:
            rows = self.tables(r, world, small)
        for i, row in enumerate(rows):
            self.flows[0x200000 + i] = row
        self.messages += list(self.groups.values()) + list(self.meters.values())
        self.messages += [flow_mod(xid, *row) for xid, row in self.flows.items()]
        for port in range(1, N_PORTS + 1):
            fields = {'eth_dst': (int.from_bytes(MARK + bytes([port]), 'big'), None)}
            self.messages.append(flow_mod(0x300000 + port, 0, 65535, fields,
                                          [actions_inst(4, [output(ALL), output(IN_PORT), output(CONTROLLER)])]))

    def actions(self, r, world):
        actions = [set_field(n, world.value(n)) for n in r.sample(['eth_src', 'eth_dst'], r.randrange(3))]
        if self.groups and r.random() < 0.3:
            actions.append(to_group(r.choice(sorted(self.groups))))
        else:
            port = r.choice([1, 2, 3, 4, IN_PORT, CONTROLLER])
            actions.append(output(port, world.max_len if port == CONTROLLER else 0xffff))
        return actions

    def bucket(self, r, world, kind, last):
        """The last one of a FAST FAILOVER group is live."""
        actions = self.actions(r, world)
        if kind == FF:
            dead = not last and r.random() < 0.6
            watched = r.choice(sorted(self.groups)) if self.groups and r.random() < 0.3 else ANY
            return bucket(actions, 0, 99 if dead else r.randrange(1, 5), ANY if dead else watched)
        return bucket(actions)

    def make_groups(self, r, world):
        for number in range(1, r.randrange(1, 6)):
            kind = r.choice([0, 0, SELECT, INDIRECT, FF])
            n = 1 if kind == INDIRECT else r.randrange(1, 4)
            buckets = [self.bucket(r, world, kind, i == n - 1) for i in range(n)]
            if kind == SELECT:
                self.selects.add(number)
                same = self.actions(r, world)
                buckets = [bucket(same, weight) for weight in (1, 0, 999)]
            self.groups[number] = group_mod(0x180000 + number, kind, number, buckets)

    def tables(self, r, world, small):
        self.make_groups(r, world)
        for number in range(1, r.randrange(1, 4)):
            flags = r.choice([1, 2])  # kilobits or packets a second; more than is ever sent
            self.meters[number] = meter_mod(0x1c0000 + number, number, flags | 4 | 8, [(10000000, 10000000)])
        n_tables = r.randrange(1, 5)
        self.with_sets = not small and r.random() < 0.6
        entries = Entries(r, world, n_tables, sorted(self.groups), sorted(self.meters), self.with_sets)
        for table in range(n_tables):
            yield from entries.table(table, self.frames)
        self.resizes, self.reparses = entries.resizes, entries.reparses
