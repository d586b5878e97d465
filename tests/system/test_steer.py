# SPDX-License-Identifier: ISC
"""With several workers a program picks one by flow: both directions of a connection come to the same, and flows to all of them."""

import re

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lab import eventually

FLOWS = 8
# Addresses differ by the same bits in every pair, and each pair's add up to the same: what a plain XOR or sum can't tell apart.
KINDS = {
    'addresses': lambda n: (IP(src='10.1.0.%d' % n, dst='10.2.0.%d' % n) / UDP(sport=4000, dport=53), 0x0800),
    'sums': lambda n: (IP(src='10.1.0.%d' % n, dst='10.2.0.%d' % (255 - n)) / TCP(sport=4000, dport=80), 0x0800),
    'ports': lambda n: (IP(src='10.1.0.1', dst='10.2.0.1') / UDP(sport=4000 + n, dport=5000 + n), 0x0800),
    'v6': lambda n: (IPv6(src='fd00::1', dst='fd00:1::1') / TCP(sport=4000 + n, dport=80), 0x86dd),
    'v6-addresses': lambda n: (IPv6(src='fd00::%x' % n, dst='fd00:1::%x' % n, nh=59), 0x86dd),
    'fragments': lambda n: (IP(src='10.1.0.%d' % n, dst='10.2.0.9', frag=20, proto=17) / Raw(bytes(24)), 0x0800),
    'other': lambda n: (Raw(bytes(46)), 0x88b5),
}


def turned(packet):
    packet = packet.copy()
    for layer in packet.iterpayloads():
        for one, other in (('src', 'dst'), ('sport', 'dport')):
            if hasattr(layer, one):
                there, back = getattr(layer, one), getattr(layer, other)
                setattr(layer, one, back)
                setattr(layer, other, there)
    return packet


def frames(s):
    """{(port, worker): frames}"""
    return {(int(p), int(w)): int(n) for p, w, n in
            re.findall(r'^lane p(\d+)/(\d+): .* (\d+) frames', s.ctl('status').stdout, re.M)}


def workers_of(s, port, before):
    """What each worker has taken of FLOWS flows of which the n-th is 2^n frames: a number that says which flows."""
    now = frames(s)
    taken = [now[(port, w)] - before[(port, w)] for w in range(2)]
    return taken if sum(taken) >= 2 ** FLOWS - 1 else None


@pytest.mark.parametrize('mode', [[], ['--no-ebpf']], ids=['ebpf', 'classic'])
def test_both_directions_come_to_one_worker(lab, mode):
    s = lab.net(2, '--fail-mode', 'secure', *mode, quiet=True, workers=2)
    for kind, make in KINDS.items():
        there, back = [], []
        for n in range(FLOWS):
            inner, ethertype = make(n + 1)
            host = n if kind == 'other' else 1
            frame = Ether(src='02:00:00:00:01:%02x' % host, dst='02:00:00:00:02:%02x' % host, type=ethertype) / inner
            there += [bytes(frame).ljust(60, b'\0').hex()] * 2 ** n
            back += [bytes(turned(frame)).ljust(60, b'\0').hex()] * 2 ** n
        got = []
        for port, some in ((1, there), (2, back)):
            before = frames(s)
            s.hosts[port - 1].traffic('frames', 'eth0', 1, *some)
            got.append(eventually(lambda port=port, before=before: workers_of(s, port, before), 'the frames of ' + kind))
        assert got[0] == got[1], (kind, got)
        assert sum(got[0]) == 2 ** FLOWS - 1 and 0 < got[0][0] < 2 ** FLOWS - 1, (kind, got)
