# SPDX-License-Identifier: ISC
"""Every error of 7.4.4 that can occur, from a real switch: type, code and xid to the bit, the whole request as data, and the switch as
it was before.  tests/conformance/errors.tsv says of each code which test shows it, or why it can't occur.

Requests are made of bytes here: most of them are nothing that a library would write."""

import struct

import lab as labs
import openflow as of
import pytest
from openflow import ofp, parser

PORT, LOOKING = 6654, 6655
ANY, NO_BUFFER = 0xffffffff, 0xffffffff
ONF = 0x4f4e4600
TABLES = 8


def be(fmt, *v):
    return struct.pack('!' + fmt, *v)


def pad8(b):
    return b + bytes(-len(b) % 8)


def msg(kind, body=b'', version=4, xid=0x77, length=None):
    return be('BBHI', version, kind, 8 + len(body) if length is None else length, xid) + body


def multipart(kind, body=b'', flags=0, xid=0x77):
    return msg(18, be('HHI', kind, flags, 0) + body, xid=xid)


def oxm(field, value, mask=b'', cls=0x8000):
    return be('HBB', cls, field << 1 | bool(mask), len(value + mask)) + value + mask


ETH_IP, ETH_IP6, PROTO_TCP = oxm(5, b'\x08\0'), oxm(5, b'\x86\xdd'), oxm(10, b'\6')


def match(*oxms, kind=1):
    body = b''.join(oxms)
    return pad8(be('HH', kind, 4 + len(body)) + body)


def act(kind, body=b'', length=None):
    b = pad8(be('HH', kind, 0) + body)
    b = b if len(b) >= 8 else b.ljust(8, b'\0')
    return b[:2] + be('H', len(b) if length is None else length) + b[4:]


def output(port, max_len=0):
    return act(0, be('IH', port, max_len) + bytes(6))


def set_field(o):
    return act(25, o)


def inst(kind, body=bytes(4), length=None):
    return be('HH', kind, 4 + len(body) if length is None else length) + body


def apply(*acts):
    return inst(4, bytes(4) + b''.join(acts))


def write(*acts):
    return inst(3, bytes(4) + b''.join(acts))


def goto(table):
    return inst(1, be('B3x', table))


def write_metadata(mask):
    return inst(2, bytes(4) + be('QQ', 0, mask))


def flow(*insts, m=b'', table=0, command=0, priority=5, buffer_id=NO_BUFFER, flags=0, idle=0, hard=0):
    return msg(14, be('QQBBHHHIIIH2x', 0, 0, table, command, idle, hard, priority, buffer_id, ANY, ANY, flags) +
               (m or match()) + b''.join(insts))


def bucket(*acts, weight=0, port=ANY, group=ANY, length=None):
    body = be('HII4x', weight, port, group) + b''.join(acts)
    return be('H', 2 + len(body) if length is None else length) + body


def group(group_id, *buckets, command=0, kind=0, xid=0x77):
    return msg(15, be('HBxI', command, kind, group_id) + b''.join(buckets), xid=xid)


def band(kind=1, rate=100, burst=0, prec=0, length=16):
    return be('HHIIB3x', kind, length, rate, burst, prec)


def meter(meter_id, *bands, command=0, flags=1, xid=0x77):
    return msg(29, be('HHI', command, flags, meter_id) + b''.join(bands), xid=xid)


def packet_out(data=bytes(60), acts=b'', in_port=ofp.OFPP_CONTROLLER, buffer_id=NO_BUFFER):
    return msg(13, be('IIH6x', buffer_id, in_port, len(acts)) + acts + data)


def port_mod(net, port=1, mac=None, config=0, mask=0, advertise=0):
    return msg(16, be('I4x6s2xIII4x', port, mac or net.macs[1], config, mask, advertise))


def prop(kind, body=b'', length=None):
    return pad8(be('HH', kind, 4 + len(body) if length is None else length) + body)


def ids(*kinds):
    return b''.join(be('HH', k, 4) for k in kinds)


def fields(*numbers):
    return b''.join(be('HBB', 0x8000, n << 1, {2: 8, 3: 6, 4: 6}.get(n, 4)) for n in numbers)


def table(number, insts=(1, 2, 3, 4, 5, 6), match_on=(0, 3), max_entries=100, metadata=(1, 0xff), next_tables=(), extra=b'', length=None,
          acts=(0, 25), sets=(3,)):
    props = {0: ids(*insts), 2: bytes(next_tables), 4: ids(*acts), 6: ids(*acts), 8: fields(*match_on),
             10: fields(*match_on), 12: fields(*sets), 14: fields(*sets)}
    body = b''.join(prop(k, v) for k, v in props.items()) + extra
    return be('HB5x32sQQII', 64 + len(body) if length is None else length, number, b'test', *metadata, 0,
              max_entries) + body


def table_features(*tables, flags=0, xid=0x77):
    return multipart(12, b''.join(tables), flags, xid)


class Net:
    def __init__(self):
        self.lab = labs.Lab()
        self.switch = self.lab.net(2, '--fail-mode', 'secure', '--tables', TABLES, '--listen',
                                   'ptcp:%d:127.0.0.1' % PORT, '--listen', 'ptcp:%d:127.0.0.1,read-only' % LOOKING,
                                   quiet=True)
        self.mgmt = of.Client.mgmt(self.switch)
        ports = self.mgmt.ask(parser.OFPPortDescStatsRequest(of.DP, 0))
        self.macs = {p.port_no: bytes.fromhex(p.hw_addr.replace(':', '')) for p in ports}

    def client(self, port=PORT, **how):
        return of.Client.connect(self.switch, port, **how)

    def state(self):
        """All that a request could have changed, without what time changes."""
        def plain(xs):
            return [{k: v for k, v in x.to_jsondict()[type(x).__name__].items() if 'duration' not in k} for x in xs]
        c = self.mgmt
        seen = [plain(c.ask(parser.OFPFlowStatsRequest(of.DP, 0, ofp.OFPTT_ALL, ANY, ANY, 0, 0, of.match()))),
                plain(c.ask(parser.OFPGroupDescStatsRequest(of.DP, 0))),
                plain(c.ask(parser.OFPMeterConfigStatsRequest(of.DP, 0))),
                plain(c.ask(parser.OFPPortDescStatsRequest(of.DP, 0))), c.ask(parser.OFPGetConfigRequest(of.DP)).flags]
        c.send_raw(multipart(12, xid=0x99))
        while True:
            raw = c.next_raw()
            seen.append(raw[16:])
            if not raw[11] & 1:
                return seen

    def close(self):
        self.lab.close()


@pytest.fixture(scope='module')
def net():
    n = Net()
    yield n
    n.close()


@pytest.fixture
def c(net):
    """A controller, and a switch that holds a flow, two groups in a chain and a meter."""
    client = net.client()
    reset(client)
    yield client
    reset(client)
    client.close()


def run(client, *requests):
    """Sends requests that must all succeed."""
    for r in requests:
        client.send_raw(r)
    client.send_raw(msg(20, xid=0x1234))
    raw = client.next_raw()
    while raw is not None and raw[1] not in (1, 21):
        raw = client.next_raw()
    assert raw is not None and raw[1] == 21, raw


def reset(client):
    run(client, *all_tables(), flow(table=0xff, command=3), group(0xfffffffc, command=2), meter(0xffffffff, command=2),
        group(1, bucket(output(1))), group(2, bucket(act(22, be('I', 1)))), meter(1, band()),
        flow(apply(output(1)), m=match(oxm(0, be('I', 1))), priority=7))


def all_tables():
    """The pipeline as it is at the start."""
    tables = [table(i, insts=(1, 2, 3, 4, 5, 6) if i + 1 < TABLES else (2, 3, 4, 5, 6), match_on=range(40),
                    max_entries=2000000, metadata=(2**64 - 1, 2**64 - 1), next_tables=range(i + 1, TABLES),
                    acts=(0, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27), sets=range(3, 40))
              for i in range(TABLES)]
    return [table_features(*tables)]


def refused(client, request, code, wire=None):
    """Sends the request behind an echo, and a barrier behind it: exactly that error comes between the replies."""
    kind, number = wire or CODES[code]
    xid = struct.unpack_from('!I', request, 4)[0]
    client.send_raw(msg(2, b'before', xid=0xb0) + request + msg(20, xid=0xba))
    replies = [client.next_raw(), client.next_raw(), client.next_raw()]
    assert None not in replies, replies
    assert replies[0] == msg(3, b'before', xid=0xb0)
    assert replies[2] == msg(21, xid=0xba), replies
    head = be('HH', kind, number) + (be('I', ONF) if kind == 0xffff else b'')
    data = request[:65535 - 8 - len(head)]
    assert replies[1] == msg(1, head + data, xid=xid), (code, replies[1].hex()[:200])


def read_codes():
    """{name: (type, code)} from the header that the switch is built with."""
    import os
    import re
    with open(os.path.join(labs.TOP, 'include', 'openflow', 'of_errors.def')) as f:
        return {n: (int(t, 0), int(k)) for n, t, k in re.findall(r'^OF_ERR\((\w+), (\w+), (\d+)\)', f.read(), re.M)}


CODES = read_codes()

# Requests whose refusal needs nothing but the request; one test each, named by its code.
SIMPLE = {
    'OFPBRC_BAD_VERSION': [msg(20, version=5), msg(14, bytes(48), version=1)],
    'OFPBRC_BAD_TYPE': [msg(30), msg(255), msg(10, bytes(26)), msg(21), msg(19, bytes(8)), msg(6, bytes(24))],
    'OFPBRC_BAD_MULTIPART': [multipart(14), multipart(0xfffe)],
    'OFPBRC_BAD_EXPERIMENTER': [msg(4, be('II', 0x2320, 16)), multipart(0xffff, be('II', 0x2320, 0))],
    'OFPBRC_BAD_EXP_TYPE': [msg(4, be('II', ONF, 9999)), multipart(0xffff, be('II', ONF, 9999))],
    'OFPBRC_BAD_LEN': [msg(20, bytes(4)), msg(24, bytes(8)), msg(14, bytes(40)), multipart(0, bytes(8)),
                       multipart(1, bytes(39)), multipart(4, bytes(4)), msg(28, bytes(20)), msg(18, bytes(4)),
                       multipart(1, be('B3xII4xQQ', 0xff, ANY, ANY, 0, 0) + match() + bytes(8)),
                       msg(13, be('IIH6x', NO_BUFFER, 1, 64) + bytes(60))],
    'OFPBRC_BUFFER_UNKNOWN': [flow(apply(output(1)), buffer_id=0), packet_out(b'', output(1), buffer_id=7)],
    'OFPBRC_BAD_TABLE_ID': [multipart(k, be('B3xII4xQQ', 200, ANY, ANY, 0, 0) + match()) for k in (1, 2)],
    'OFPBRC_BAD_PORT': [packet_out(in_port=99), packet_out(in_port=0), packet_out(in_port=ofp.OFPP_FLOOD),
                        multipart(4, be('I4x', 99))],
    'OFPBRC_BAD_PACKET': [packet_out(b''), packet_out(bytes(13), output(1))],
    'OFPBAC_BAD_TYPE': [flow(apply(act(99))), flow(write(act(1))), packet_out(acts=act(28))],
    'OFPBAC_BAD_LEN': [flow(apply(act(0, bytes(4)))), flow(apply(act(18, length=4))), flow(apply(act(17, bytes(4), length=16))),
                       flow(apply(output(1)[:2] + be('H', 12) + output(1)[4:])), flow(apply(act(0, bytes(20))))],
    'OFPBAC_BAD_EXPERIMENTER': [flow(apply(act(0xffff, be('II', 0x2320, 6))))],
    'OFPBAC_BAD_EXP_TYPE': [flow(apply(act(0xffff, be('I', ONF))))],
    'OFPBAC_BAD_OUT_PORT': [flow(apply(output(p))) for p in (0, ANY, ofp.OFPP_TABLE, 0xffffff01)] +
                           [group(9, bucket(output(0)))],
    'OFPBAC_BAD_ARGUMENT': [flow(apply(output(ofp.OFPP_CONTROLLER, 0xfff0)))],
    'OFPBAC_TOO_MANY': [flow(apply(*[output(1)] * 257))],
    'OFPBAC_BAD_OUT_GROUP': [flow(apply(act(22, be('I', 77)))), flow(write(act(22, be('I', 0xfffffffc)))),
                             packet_out(acts=act(22, be('I', 77)))],
    'OFPBAC_MATCH_INCONSISTENT': [flow(apply(set_field(oxm(11, bytes(4))))), flow(apply(act(24))),
                                  flow(apply(act(20, be('H', 0x800)))),
                                  flow(apply(set_field(oxm(14, bytes(2)))), m=match(ETH_IP))],
    'OFPBAC_UNSUPPORTED_ORDER': [packet_out(acts=output(ofp.OFPP_TABLE) + set_field(oxm(3, bytes(6))) + output(1))],
    'OFPBAC_BAD_TAG': [flow(apply(act(17, be('H', 0x800)))), flow(apply(act(19, be('H', 0x8100)))),
                       flow(apply(act(26, be('H', 0x8100))))],
    'OFPBAC_BAD_SET_TYPE': [flow(apply(set_field(oxm(n, bytes(s))))) for n, s in ((0, 4), (1, 4), (2, 8), (50, 4))],
    'OFPBAC_BAD_SET_LEN': [flow(apply(set_field(oxm(3, bytes(5))))), flow(apply(set_field(oxm(6, bytes(4)))))],
    'OFPBAC_BAD_SET_ARGUMENT': [flow(apply(set_field(oxm(8, b'\x40'))), m=match(ETH_IP)),
                                flow(apply(set_field(oxm(9, b'\4'))), m=match(ETH_IP)),
                                flow(apply(set_field(oxm(3, bytes(6), bytes(6)))))],
    'OFPBIC_UNKNOWN_INST': [flow(inst(99)), flow(inst(7)), flow(inst(0))],
    'OFPBIC_BAD_TABLE_ID': [flow(goto(0)), flow(goto(3), table=4), flow(goto(TABLES)), flow(goto(0xff)),
                            flow(goto(TABLES - 1), table=TABLES - 1)],
    'OFPBIC_BAD_EXPERIMENTER': [flow(inst(0xffff, be('I', 0x2320)))],
    'OFPBIC_BAD_EXP_TYPE': [flow(inst(0xffff, be('I', ONF)))],
    'OFPBIC_BAD_LEN': [flow(inst(1, bytes(12))), flow(inst(5, length=4)), flow(inst(2, bytes(12))), flow(inst(5, bytes(3))),
                       flow(inst(4, bytes(4), length=24))],
    'OFPBMC_BAD_TYPE': [flow(m=match(kind=0)), flow(m=match(kind=9))],
    'OFPBMC_BAD_LEN': [flow(m=match(oxm(0, bytes(3)))), flow(m=match(oxm(3, bytes(6), bytes(5)))),
                       flow(m=be('HHI', 1, 100, 0)), flow(m=be('HHI', 1, 3, 0)), flow(m=match(oxm(5, b'')))],
    'OFPBMC_BAD_WILDCARDS': [flow(m=match(oxm(3, b'\1' * 6, bytes(6)))),
                             flow(m=match(ETH_IP, oxm(11, b'\12\0\0\1', b'\xff\xff\xff\0')))],
    'OFPBMC_BAD_FIELD': [flow(m=match(oxm(40, bytes(4)))), flow(m=match(oxm(0, bytes(4), cls=0))),
                         flow(m=match(oxm(0, bytes(8), cls=0xffff)))],
    'OFPBMC_BAD_VALUE': [flow(m=match(oxm(6, b'\x20\1'))), flow(m=match(ETH_IP, oxm(8, b'\x40'))),
                         flow(m=match(oxm(6, b'\0\5')))],
    'OFPBMC_BAD_MASK': [flow(m=match(oxm(0, bytes(4), bytes(4)))), flow(m=match(ETH_IP, oxm(10, b'\6', b'\xff'))),
                        flow(m=match(oxm(5, b'\x08\0', b'\xff\xff')))],
    'OFPBMC_BAD_PREREQ': [flow(m=match(oxm(11, bytes(4)))), flow(m=match(oxm(13, bytes(2)), ETH_IP, PROTO_TCP)),
                          flow(m=match(ETH_IP6, oxm(11, bytes(4)))), flow(m=match(oxm(7, b'\1'))),
                          flow(m=match(oxm(1, bytes(4))))],
    'OFPBMC_DUP_FIELD': [flow(m=match(oxm(0, be('I', 1)), oxm(0, be('I', 1))))],
    'OFPFMFC_BAD_TABLE_ID': [flow(table=TABLES), flow(table=0xff), flow(table=200, command=3)],
    'OFPFMFC_BAD_COMMAND': [flow(command=5), flow(command=255)],
    'OFPFMFC_BAD_FLAGS': [flow(flags=0x20), flow(flags=0x8000)],
    'OFPFMFC_OVERLAP': [flow(m=match(oxm(3, bytes(6))), priority=7, flags=2)],
    'OFPGMFC_GROUP_EXISTS': [group(1, bucket(output(2)))],
    'OFPGMFC_INVALID_GROUP': [group(0xffffff01), group(0xffffffff, command=1)],
    'OFPGMFC_OUT_OF_BUCKETS': [group(9, *[bucket(output(1))] * 1025)],
    'OFPGMFC_WATCH_UNSUPPORTED': [group(9, bucket(output(1), port=ofp.OFPP_CONTROLLER), kind=3)],
    'OFPGMFC_LOOP': [group(9, bucket(act(22, be('I', 9)))), group(1, bucket(act(22, be('I', 2))), command=1)],
    'OFPGMFC_UNKNOWN_GROUP': [group(9, command=1)],
    'OFPGMFC_CHAINED_GROUP': [group(1, command=2)],
    'OFPGMFC_BAD_TYPE': [group(9, kind=4), group(9, kind=255)],
    'OFPGMFC_BAD_COMMAND': [group(9, command=3), group(9, command=0x8001)],
    'OFPGMFC_BAD_BUCKET': [group(9, bucket(length=8)), group(9, bucket(output(1), length=20)), group(9, be('H', 400) + bytes(14))],
    'OFPGMFC_BAD_WATCH': [group(9, bucket(output(1), port=0), kind=3), group(9, bucket(output(1), port=1, group=0xffffff01), kind=3)],
    'OFPTMFC_BAD_TABLE': [msg(17, be('B3xI', TABLES, 0))],
    'OFPTMFC_BAD_CONFIG': [msg(17, be('B3xI', 0, 4)), msg(17, be('B3xI', 0xff, 0x80000000))],
    'OFPQOFC_BAD_PORT': [msg(22, be('I4x', 99)), multipart(5, be('II', 99, ANY))],
    'OFPQOFC_BAD_QUEUE': [multipart(5, be('II', 1, 77))],
    'OFPSCFC_BAD_FLAGS': [msg(9, be('HH', 3, 0)), msg(9, be('HH', 4, 0))],
    'OFPSCFC_BAD_LEN': [msg(9, b''), msg(9, bytes(8))],
    'OFPRRFC_BAD_ROLE': [msg(24, be('I4xQ', 4, 0))],
    'OFPMMFC_METER_EXISTS': [meter(1, band())],
    'OFPMMFC_INVALID_METER': [meter(0, band()), meter(0xffff0001, band()), flow(inst(6, be('I', 77)))],
    'OFPMMFC_UNKNOWN_METER': [meter(9, band(), command=1), multipart(9, be('I4x', 77)), multipart(10, be('I4x', 77))],
    'OFPMMFC_BAD_COMMAND': [meter(9, command=3)],
    'OFPMMFC_BAD_FLAGS': [meter(9, band(), flags=3), meter(9, band(), flags=0x10)],
    'OFPMMFC_BAD_RATE': [meter(9, band(rate=0))],
    'OFPMMFC_BAD_BURST': [meter(9, band(burst=0), flags=5)],
    'OFPMMFC_BAD_BAND': [meter(9, band(kind=3)), meter(9, band(kind=0xffff))],
    'OFPMMFC_BAD_BAND_VALUE': [meter(9, band(kind=2, prec=0))],
    'OFPMMFC_OUT_OF_BANDS': [meter(9, *[band(rate=i + 1) for i in range(17)])],
    'OFPTFFC_BAD_TABLE': [table_features(table(0), table(0)), table_features(table(1)), table_features(table(0), table(TABLES))],
    'OFPTFFC_BAD_METADATA': [table_features(table(0, match_on=(0, 2), metadata=(0, 0)))],
    'OFPTFFC_BAD_TYPE': [table_features(table(0, extra=prop(9))), table_features(table(0, extra=prop(0))),
                         table_features(table(0, extra=prop(0x100)))],
    'OFPTFFC_BAD_LEN': [table_features(table(0, length=60)), table_features(table(0, length=71)), table_features(table(0)[:100]),
                        table_features(table(0, extra=prop(1, ids(1), length=2))), table_features(be('HH', 64, 0) * 4)],
    'OFPTFFC_BAD_ARGUMENT': [table_features(table(0, insts=(1, 9))),
                             table_features(table(0, next_tables=(0,))), table_features(table(0, next_tables=(3,))),
                             table_features(table(0, max_entries=ANY)), table_features(table(0, acts=(0, 1))),
                             table_features(table(0, sets=(0,)))],
    'OFPBIC_DUP_INST': [flow(apply(output(1)), apply(output(2))), flow(goto(1), goto(2))],
}


@pytest.mark.parametrize('code', SIMPLE)
def test_a_refused_request(net, c, code):
    for request in SIMPLE[code]:
        before = net.state()
        refused(c, request, code)
        assert net.state() == before, request.hex()


def test_port_mods(net, c):
    before = net.state()
    refused(c, port_mod(net, port=99), 'OFPPMFC_BAD_PORT')
    refused(c, port_mod(net, port=ofp.OFPP_ALL), 'OFPPMFC_BAD_PORT')
    refused(c, port_mod(net, mac=b'\2\0\0\0\0\x99'), 'OFPPMFC_BAD_HW_ADDR')
    refused(c, port_mod(net, config=2, mask=2), 'OFPPMFC_BAD_CONFIG')
    refused(c, port_mod(net, mask=0x80000000), 'OFPPMFC_BAD_CONFIG')
    refused(c, port_mod(net, advertise=0x10000), 'OFPPMFC_BAD_ADVERTISE')
    assert net.state() == before


def test_hellos(net):
    for first, code in ((msg(0, version=1), 'OFPHFC_INCOMPATIBLE'), (msg(0, be('HHI', 1, 8, 0x20)), 'OFPHFC_INCOMPATIBLE'),
                        (msg(2), 'OFPHFC_INCOMPATIBLE')):
        client = net.client(hello=False)
        client.next_raw()
        client.send_raw(first)
        raw = client.next_raw()
        assert raw[1] == 1 and raw[4:8] == first[4:8] and struct.unpack_from('!HH', raw, 8) == CODES[code]
        assert raw[12:].decode('ascii').isprintable() and len(raw) > 12  # a sentence, as the standard asks for
        assert client.next_raw() is None and client.closed
    crowd = [net.client() for _ in range(8)]
    ninth = net.client(features=False)
    raw = ninth.next_raw()
    assert raw[1] == 1 and struct.unpack_from('!HH', raw, 8) == CODES['OFPHFC_EPERM']
    assert ninth.next_raw() is None and ninth.closed
    for one in crowd:
        one.close()


def test_roles(net, c):
    other = net.client()
    run(c, msg(24, be('I4xQ', 2, 10)))
    refused(c, msg(24, be('I4xQ', 2, 9)), 'OFPRRFC_STALE')
    refused(c, msg(24, be('I4xQ', 3, 10 - 2**63 + 2**64)), 'OFPRRFC_STALE')
    run(other, msg(24, be('I4xQ', 3, 10)))
    before = net.state()
    for request in (flow(apply(output(1))), group(9), meter(9, band()), msg(17, bytes(8)), packet_out(acts=output(1)),
                    port_mod(net), table_features(table(0)), flow(command=3)):
        refused(other, request, 'OFPBRC_IS_SLAVE')
    refused(other, msg(9, be('HH', 1, 0)), 'OFPSCFC_EPERM')
    assert net.state() == before
    refused(net.mgmt, msg(24, be('I4xQ', 2, 20)), 'OFPRRFC_UNSUP')
    refused(net.mgmt, msg(24, be('I4xQ', 3, 20)), 'OFPRRFC_UNSUP')
    run(c, msg(24, be('I4xQ', 2, 10)))  # nothing came of it
    run(c, msg(24, be('I4xQ', 1, 0)))
    other.close()


def test_who_only_looks_changes_nothing(net, c):
    look = net.client(LOOKING)
    before = net.state()
    for request, code in ((flow(apply(output(1))), 'OFPFMFC_EPERM'), (flow(command=3), 'OFPFMFC_EPERM'),
                          (group(9), 'OFPGMFC_EPERM'), (port_mod(net), 'OFPPMFC_EPERM'), (msg(17, bytes(8)), 'OFPTMFC_EPERM'),
                          (table_features(table(0)), 'OFPTFFC_EPERM'), (meter(9, band()), 'OFPBRC_EPERM'),
                          (packet_out(acts=output(1)), 'OFPBRC_EPERM'), (msg(9, be('HH', 1, 0)), 'OFPSCFC_EPERM'),
                          (msg(24, be('I4xQ', 2, 2**40)), 'OFPRRFC_UNSUP'),
                          (msg(4, be('IIIHH', ONF, 2300, 5, 0, 1)), 'OFPBFC_EPERM'),
                          (msg(4, be('IIIHHBBHI', ONF, 2301, 5, 0, 1, 4, 20, 8, 0x1000)), 'OFPBFC_EPERM'),
                          (msg(4, be('IIB3xI', ONF, 1920, 0, 4)), 'OFPTMFC_EPERM')):
        refused(look, request, code)
    assert net.state() == before
    assert look.ask(parser.OFPAggregateStatsRequest(of.DP, 0, 0xff, ANY, ANY, 0, 0, of.match())).flow_count == 1
    run(look, msg(9, be('HH', 0, 77)))  # what is the connection's own
    look.close()


def test_features_are_enforced(net, c):
    run(c, flow(table=0xff, command=3),
        table_features(table(0, insts=(2, 4), match_on=(0,), max_entries=1, metadata=(1, 0xf), next_tables=(1,), acts=(0, 25)),
                       table(1, insts=(2, 4), metadata=(1, 0), acts=(0,), sets=())))
    run(c, flow(apply(output(1)), m=match(oxm(0, be('I', 1)))))
    before = net.state()
    in_2 = match(oxm(0, be('I', 2)))
    for request, code in ((flow(write(output(1)), m=in_2), 'OFPBIC_UNSUP_INST'),
                          (flow(write_metadata(1), table=1), 'OFPBIC_UNSUP_METADATA'),
                          (flow(write_metadata(0x10), m=in_2), 'OFPBIC_UNSUP_METADATA_MASK'),
                          (flow(apply(output(1)), m=in_2), 'OFPFMFC_TABLE_FULL'),
                          (flow(table=2), 'OFPFMFC_BAD_TABLE_ID'), (flow(goto(2), m=in_2), 'OFPBIC_BAD_TABLE_ID'),
                          (flow(m=match(oxm(3, bytes(6)))), 'OFPBMC_BAD_FIELD'),
                          (flow(apply(act(18)), m=in_2), 'OFPBAC_BAD_TYPE'),
                          (flow(apply(set_field(oxm(4, bytes(6)))), m=in_2), 'OFPBAC_BAD_SET_TYPE'),
                          (multipart(1, be('B3xII4xQQ', 2, ANY, ANY, 0, 0) + match()), 'OFPBRC_BAD_TABLE_ID')):
        refused(c, request, code)
    assert net.state() == before


def test_multipart_requests_in_parts(net, c):
    before = net.state()
    for xid in range(4):
        run(c, table_features(table(xid), flags=1, xid=xid))
    refused(c, table_features(flags=1, xid=4), 'OFPBRC_MULTIPART_BUFFER_OVERFLOW')
    refused(c, multipart(13, xid=3), 'OFPBRC_BAD_MULTIPART')  # another type
    part = table_features(bytes(60000), flags=1, xid=2)
    for _ in range(17):
        run(c, part)
    refused(c, part, 'OFPBRC_MULTIPART_BUFFER_OVERFLOW')
    late = {}
    while len(late) < 2:  # xids 0 and 1 wait for what never comes
        raw = c.next_raw()
        assert raw is not None and raw[1] == 1, raw
        late[struct.unpack_from('!I', raw, 4)[0]] = raw
    for xid, raw in late.items():
        request = table_features(table(xid), flags=1, xid=xid)
        assert raw[8:12] == be('HH', *CODES['OFPBRC_MULTIPART_REQUEST_TIMEOUT']) and raw[12:16] == be('I', ONF)
        assert raw[16:] == request[:64]
    assert sorted(late) == [0, 1]
    assert net.state() == before


def test_groups_in_a_long_chain(net, c):
    run(c, *[group(i, bucket(act(22, be('I', i - 1)))) for i in range(3, 33)])
    before = net.state()
    refused(c, group(33, bucket(act(22, be('I', 32)))), 'OFPGMFC_CHAINING_UNSUPPORTED')
    assert net.state() == before


def exhaust(c, make, code):
    """Adds objects until there is no room; the last request is refused, and there is room again when all are gone."""
    refusals, n = [], 0
    while not refusals and n < 70000:
        batch = b''.join(make(i) for i in range(n + 1, n + 1001))
        c.send_raw(batch + msg(20, xid=0xba))
        n += 1000
        while True:
            raw = c.next_raw()
            if raw[1] == 21:
                break
            refusals.append(raw)
    assert refusals, n
    first = struct.unpack_from('!I', refusals[0], 4)[0]
    assert len(refusals) == n - first + 1 and refusals[0][8:12] == be('HH', *CODES[code])
    assert refusals[0][12:] == make(first)
    return first


def test_no_room_for_groups(net, c):
    assert exhaust(c, lambda i: group(i + 2, xid=i), 'OFPGMFC_OUT_OF_GROUPS') == 65536 - 2 + 1


def test_no_room_for_meters(net, c):
    assert exhaust(c, lambda i: meter(i + 1, band(), xid=i), 'OFPMMFC_OUT_OF_METERS') == 65536 - 1 + 1
