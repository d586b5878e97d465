# SPDX-License-Identifier: ISC
"""Nothing is lost without a name: received = sent + dropped, port by port and reason by reason."""

from lab import eventually

N = 2000


def frame(dst, src, kind, rest):
    return (dst.replace(':', '') + src.replace(':', '') + kind + rest).ljust(120, '0')


def udp(dst, src, ttl=64, last=9):
    return frame(dst, src, '0800', '4500002e000040%02x' % 0 + '%02x110000' % ttl + '0a000001' + '0a0000%02x' % last +
                 '10001000001a0000')


def settle(s):
    """Waits until the counters rest; returns them."""
    last = []

    def rest():
        now = (s.ports(), s.drops())
        last.append(now)
        return len(last) > 6 and last[-1] == last[-6]
    eventually(rest, 'counters at rest')
    return last[-1]


def test_received_is_sent_plus_dropped(lab, workers):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True, workers=workers)
    a, b, c = s.hosts
    s.flow('priority=10,in_port=1,ip,nw_dst=10.0.0.2,actions=output:2',
           'priority=10,in_port=1,ip,nw_dst=10.0.0.3,actions=dec_ttl,output:3',
           'priority=10,in_port=1,ip,nw_dst=10.0.0.4,actions=drop',
           'priority=10,in_port=1,ip,nw_dst=10.0.0.5,actions=output:1',
           'priority=10,in_port=1,ip,nw_dst=10.0.0.6,actions=output:77',
           'priority=10,in_port=1,dl_type=0x88b5,actions=output:2')
    before, dropped = settle(s)
    kinds = [udp(b.mac, a.mac, last=2), udp(c.mac, a.mac, last=3), udp(c.mac, a.mac, last=4), udp(c.mac, a.mac, last=5),
             udp(c.mac, a.mac, last=6), udp(c.mac, a.mac, last=7), frame(b.mac, a.mac, '88b5', '')]
    a.traffic('frames', 'eth0', N, *kinds)
    after, now = settle(s)
    new = {p: {k: after[p][k] - before[p][k] for k in after[p]} for p in after}
    lost = {k: now[k] - dropped.get(k, 0) for k in now if now[k] != dropped.get(k, 0)}
    received, sent = sum(p['rx'] for p in new.values()), sum(p['tx'] for p in new.values())
    assert received + new['1']['rx_drop'] == N * len(kinds), (new, lost)
    assert received == sent + sum(lost.values()), (new, lost)
    assert new['2']['tx'] + new['3']['tx'] == sent
    if not new['1']['rx_drop'] and 'tx-full' not in lost:
        assert new['2']['tx'] == 2 * N and new['3']['tx'] == N, (new, lost)
        assert lost.get('no-match') == N and lost.get('no-action') == N and lost.get('in-port') == N, lost
        assert len(lost) == 4 and set(lost.values()) == {N}, lost


def test_bytes_are_those_on_the_wire(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('in_port=1,actions=output:2')
    before, _ = settle(s)
    a.traffic('frames', 'eth0', 100, udp(b.mac, a.mac))
    after, _ = settle(s)
    assert after['1']['rx'] - before['1']['rx'] == 100
    assert after['1']['rx_bytes'] - before['1']['rx_bytes'] == 6000
    assert after['2']['tx_bytes'] - before['2']['tx_bytes'] == 6000


def test_a_superframe_counts_as_the_frames_it_stands_for(lab, iperf3):
    s = lab.net(2, quiet=True)
    a, b = s.hosts
    a.must_reach(b.v4)
    before, _ = settle(s)
    told = a.tcp(b, b.v4, '20M')['bytes']
    after, dropped = settle(s)
    frames = after['1']['rx'] - before['1']['rx']
    size = after['1']['rx_bytes'] - before['1']['rx_bytes']
    assert frames >= told / 1500 and size >= told
    assert size / frames <= 1514, 'frames longer than the MTU were counted: %d bytes in %d' % (size, frames)
    assert after['2']['tx'] - before['2']['tx'] + sum(dropped.values()) >= frames


def test_flow_counters_are_exact(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.flow('in_port=1,actions=output:2')
    a.traffic('frames', 'eth0', 500, udp(b.mac, a.mac))
    eventually(lambda: 'n_packets=500, n_bytes=30000' in s.tool('dump-flows').stdout,
               lambda: s.tool('dump-flows').stdout)
