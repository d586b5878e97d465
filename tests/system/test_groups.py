# SPDX-License-Identifier: ISC
"""Groups, as real ovs-ofctl sees them and as frames meet them."""

import re

from lab import eventually


def lines(text):
    return [line.strip() for line in text.splitlines() if 'reply' not in line and line.strip()]


def refused(s, why, command, *words):
    done = s.ofctl(command, *words, check=False)
    assert done.returncode == 1 and why in done.stderr, (words, done.stderr)


def test_groups_read_back_as_they_were_written(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    given = ['group_id=1,type=all,bucket=actions=output:1,bucket=actions=set_field:02:00:00:00:00:77->eth_dst,output:2',
             'group_id=2,type=select,bucket=weight:3,actions=output:1,bucket=weight:5,actions=push_vlan:0x8100,output:2',
             'group_id=3,type=indirect,bucket=actions=group:1',
             'group_id=4,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port:2,watch_group:3,actions=output:2']
    for g in given:
        s.ofctl('add-group', g)
    said = lines(s.ofctl('dump-groups').stdout)
    assert len(said) == 4
    for g, line in zip(given, said):
        for part in re.findall(r'type=\w+|weight:\d|watch_\w+:\d|group:1|output:\d', g):
            assert part in re.sub(r'"?p(\d)"?', r'\1', line), (part, line)
    # given back they are the same
    s.ofctl('del-groups')
    assert not lines(s.ofctl('dump-groups').stdout)
    s.ofctl('add-groups', '-', stdin='\n'.join(said))
    assert lines(s.ofctl('dump-groups').stdout) == said
    s.ofctl('mod-group', 'group_id=1,type=indirect,bucket=actions=output:3')
    assert 'group_id=1,type=indirect' in s.ofctl('dump-groups').stdout
    stats = s.ofctl('dump-group-stats', 'group_id=1').stdout
    assert re.search(r'group_id=1,.*ref_count=1,packet_count=0,byte_count=0,bucket0:packet_count=0,byte_count=0', stats), stats
    assert 'Group' in s.ofctl('dump-group-features').stdout


def test_what_is_refused_has_its_code_and_changes_nothing(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-group', 'group_id=1,type=all,bucket=actions=output:1')
    s.ofctl('add-group', 'group_id=2,type=all,bucket=actions=group:1')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    before = s.ofctl('dump-groups').stdout
    refused(s, 'OFPGMFC_GROUP_EXISTS', 'add-group', 'group_id=1,type=all,bucket=actions=output:1')
    refused(s, 'OFPGMFC_UNKNOWN_GROUP', 'mod-group', 'group_id=9,type=all,bucket=actions=output:1')
    refused(s, 'OFPGMFC_LOOP', 'mod-group', 'group_id=1,type=all,bucket=actions=group:2')
    refused(s, 'OFPGMFC_LOOP', 'add-group', 'group_id=5,type=all,bucket=actions=group:5')
    refused(s, 'OFPBAC_BAD_OUT_GROUP', 'add-group', 'group_id=5,type=all,bucket=actions=group:6')
    refused(s, 'OFPBAC_BAD_OUT_GROUP', 'add-flow', 'in_port=2,actions=group:6')
    refused(s, 'OFPGMFC_CHAINED_GROUP', 'del-groups', 'group_id=1')
    refused(s, 'OFPBAC_BAD_OUT_GROUP', 'packet-out', 'in_port=1,packet=' + '02' * 14 + ',actions=group:6')
    assert s.ofctl('dump-groups').stdout == before
    assert 'ref_count=2' in s.ofctl('dump-group-stats', 'group_id=1').stdout


def test_a_deleted_group_takes_its_flows_along(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    m = s.monitor()
    s.ofctl('add-group', 'group_id=7,type=all,bucket=actions=output:1')
    for i in range(3):
        s.ofctl('add-flow', 'send_flow_rem,priority=%d,in_port=1,actions=write_actions(group:7)' % i)
    s.ofctl('add-flows', '-', stdin='\n'.join('priority=%d,in_port=2,actions=group:7' % i for i in range(1, 1100)))
    s.ofctl('add-flow', 'table=3,actions=drop')
    assert 'ref_count=1102' in s.ofctl('dump-group-stats', 'group_id=7').stdout
    s.ofctl('del-flows', 'in_port=2,out_group=8')
    assert 'ref_count=1102' in s.ofctl('dump-group-stats', 'group_id=7').stdout
    s.ofctl('del-groups', 'group_id=7')
    assert len(lines(s.ofctl('dump-flows').stdout)) == 1
    eventually(lambda: m.text().count('reason=group_delete') == 3, m.text)


def test_many_groups_come_in_several_parts(lab):
    s = lab.net(1, '--fail-mode', 'secure', quiet=True)
    s.ofctl('add-groups', '-', stdin='\n'.join(
        'group_id=%d,type=select,%s' % (i, ','.join(['bucket=weight:1,actions=output:1'] * 8)) for i in range(3000)))
    assert len(lines(s.ofctl('dump-groups').stdout)) == 3000
    assert len(lines(s.ofctl('dump-group-stats').stdout)) == 3000
    assert len(lines(s.ofctl('dump-group-stats', 'group_id=2999').stdout)) == 1
    assert not lines(s.ofctl('dump-group-stats', 'group_id=3000').stdout)
    s.ofctl('del-groups')
    assert not lines(s.ofctl('dump-groups').stdout)


# ---- frames ----

TAIL = '88b5' + '00' * 46


def frame(dst, src, tail=TAIL):
    return dst.replace(':', '') + src.replace(':', '') + tail


def udp(dst, src, sport, source='0a000001'):
    """An IPv4 UDP datagram with its ports, without checksum."""
    ip = '450000%02x00000000401100000a0000010a000002' % (20 + 8 + 18)
    return frame(dst, src, '0800' + ip.replace('0a000001', source, 1) + '%04x0050001a0000' % sport + '00' * 18)


def hears(host, what, cause, also_not=()):
    """Host hears 'what' after 'cause' ran."""
    ear = host.start_traffic('sniff', 'eth0', 600)

    def heard():
        cause()
        return what in ear.text()
    eventually(heard, ear.text)
    for other in also_not:
        assert other not in ear.text(), ear.text()
    ear.stop()
    return ear.text()


def bucket_counts(s, group):
    text = s.ofctl('dump-group-stats', 'group_id=%d' % group).stdout
    return [int(n) for n in re.findall(r'bucket\d+:packet_count=(\d+)', text)]


def group_count(s, group):
    text = s.ofctl('dump-group-stats', 'group_id=%d' % group).stdout
    return int(re.search(r'ref_count=\d+,packet_count=(\d+)', text)[1])


def test_all_gives_each_bucket_its_own_copy(lab, workers):
    s = lab.net(4, '--fail-mode', 'secure', quiet=True, workers=workers)
    a = s.hosts[0]
    s.ofctl('add-group', 'group_id=1,type=all,bucket=actions=set_field:02:00:00:00:00:a2->eth_dst,output:2,'
            'bucket=actions=push_vlan:0x8100,set_field:4103->vlan_vid,output:3,bucket=actions=output:4')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    sent = frame('02:00:00:00:00:99', a.mac)
    ears = [h.start_traffic('sniff', 'eth0', 600) for h in s.hosts[1:]]
    want = (sent.replace('020000000099', '0200000000a2'), sent[:24] + '81000007' + sent[24:], sent)

    a.traffic('frames', 'eth0', 5, sent)
    for ear, right in zip(ears, want):
        eventually(lambda e=ear: e.text().count('\n') == 6, ear.text)
        assert ear.text().split() == ['ready'] + [right] * 5
    eventually(lambda: group_count(s, 1) == 5 and bucket_counts(s, 1) == [5] * 3, lambda: s.ofctl('dump-group-stats').stdout)


def test_select_shares_by_weight_and_keeps_flows_together(lab, workers):
    s = lab.net(4, '--fail-mode', 'secure', quiet=True, workers=workers)
    a = s.hosts[0]
    s.ofctl('add-group', 'group_id=1,type=select,bucket=weight:1,actions=output:2,bucket=weight:2,actions=output:3,'
            'bucket=weight:5,actions=output:4')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    flows = [udp('02:00:00:00:00:99', a.mac, 1000 + i) for i in range(1600)]
    for part in range(0, 1600, 400):
        a.traffic('frames', 'eth0', 3, *flows[part:part + 400])
    eventually(lambda: group_count(s, 1) == 4800, lambda: s.ofctl('dump-group-stats').stdout)
    counts = bucket_counts(s, 1)
    assert sum(counts) == 4800 and all(n % 3 == 0 for n in counts), counts
    for n, weight in zip(counts, (1, 2, 5)):
        p = weight / 8
        assert abs(n / 3 - 1600 * p) < 6 * (1600 * p * (1 - p)) ** 0.5, counts
    eventually(lambda: [s.ports()[str(n)]['tx'] for n in (2, 3, 4)] == counts, s.ports)


def test_select_tells_arp_and_plain_frames_apart(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a = s.hosts[0]
    s.ofctl('add-group', 'group_id=1,type=select,bucket=actions=output:2,bucket=actions=output:3')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    kinds = {
        'source': lambda i: frame('02:00:00:00:00:99', '02:00:00:00:%02x:%02x' % (i // 256, i % 256)),
        'destination': lambda i: frame('02:00:00:00:%02x:%02x' % (i // 256, i % 256), a.mac),
        'arp': lambda i: frame('ff:ff:ff:ff:ff:ff', a.mac,
                               '0806000108000604000102000000000' + '10a00%04x' % i + '0000000000000a000002' + '00' * 18),
    }
    before = [0, 0]
    for kind, make in kinds.items():
        a.traffic('frames', 'eth0', 1, *[make(i) for i in range(400)])
        eventually(lambda n=sum(before) + 400: group_count(s, 1) == n, lambda: s.ofctl('dump-group-stats').stdout)
        counts = bucket_counts(s, 1)
        for now, then in zip(counts, before):
            assert 120 < now - then < 280, (kind, counts, before)
        before = counts


def test_failover_on_link_down_and_back(lab, workers):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True, workers=workers)
    a, b, c = s.hosts
    s.ofctl('add-group', 'group_id=1,type=ff,bucket=watch_port:2,actions=output:2,bucket=watch_port:3,actions=output:3')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    m = s.monitor()
    sent = frame('02:00:00:00:00:99', a.mac)

    def send():
        a.traffic('frames', 'eth0', 1, sent)
    hears(b, sent, send)
    b.ip('link', 'set', 'eth0', 'down')
    hears(c, sent, send)
    eventually(lambda: re.search(r'PORT_STATUS.*\n?.*2\("?p2"?\)(.*\n)+? *state: +LINK_DOWN', m.text()), m.text)
    b.ip('link', 'set', 'eth0', 'up')
    hears(b, sent, send)
    eventually(lambda: re.search(r'PORT_STATUS.*\n?.*2\("?p2"?\)(.*\n)+? *state: +LIVE', m.text()), m.text)
    # both down: counted; administratively down counts as down
    s.ofctl('mod-port', '2', 'down')
    hears(c, sent, send)
    c.ip('link', 'set', 'eth0', 'down')
    eventually(lambda: send() or s.drops().get('group'), lambda: s.drops())


def test_failover_is_quick(lab):
    """A stream meets a link that goes down, and takes the other way within 50 ms.  A busy machine may be late at times: one
    round of many that is in time shows what the switch does."""
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a, b, c = s.hosts
    s.ofctl('add-group', 'group_id=1,type=ff,bucket=watch_port:2,actions=output:2,bucket=watch_port:3,actions=output:3')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    stream = a.start_traffic_later('stream', 'eth0', 1, 600, frame('02:00:00:00:00:99', a.mac))
    eventually(lambda: s.ports()['2']['tx'] > 50, lambda: s.ports())
    took = []
    while not took or (min(took) > 0.05 and len(took) < 20):
        ear = c.start_traffic('first', 'eth0', 20)
        down = float(b.traffic('linkdown', 'eth0').stdout)
        ear.wait()
        took.append(float(re.search(r'first ([\d.]+)', ear.text())[1]) - down)
        b.ip('link', 'set', 'eth0', 'up')
        eventually(lambda: hears_nothing(c), 'the stream is back at its first way')
    stream.stop()
    assert min(took) <= 0.05, took


def hears_nothing(host):
    return 'first' not in host.traffic('first', 'eth0', 0.2).stdout


def test_chains_and_the_action_set(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a, b, c = s.hosts
    s.ofctl('add-group', 'group_id=1,type=indirect,bucket=actions=set_field:02:00:00:00:00:a1->eth_src,output:2')
    s.ofctl('add-group', 'group_id=2,type=all,bucket=actions=set_field:02:00:00:00:00:a2->eth_dst,group:1,bucket=actions=output:3')
    # the group in the action set beats the output, whatever the order
    s.ofctl('add-flow', 'in_port=1,actions=write_actions(output:3,group:2),goto_table:1')
    s.ofctl('add-flow', 'table=1,actions=write_actions(output:1)')
    sent = frame('02:00:00:00:00:99', a.mac)
    there, here = c.start_traffic('sniff', 'eth0', 600), b.start_traffic('sniff', 'eth0', 600)
    a.traffic('frames', 'eth0', 5, sent)
    eventually(lambda: group_count(s, 1) == 5 and group_count(s, 2) == 5 and bucket_counts(s, 2) == [5, 5],
               lambda: s.ofctl('dump-group-stats').stdout)
    assert 'ref_count=1' in s.ofctl('dump-group-stats', 'group_id=1').stdout
    # once for each frame sent, not more
    for ear, right in ((there, sent), (here, frame('02:00:00:00:00:a2', '02:00:00:00:00:a1'))):
        eventually(lambda e=ear: e.text().count('\n') == 6, ear.text)
        assert ear.text().split() == ['ready'] + [right] * 5
    here.stop()
    there.stop()


def test_buckets_know_normal_controller_and_ttl(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a, b, _ = s.hosts
    m = s.monitor()
    s.ofctl('add-group', 'group_id=1,type=all,bucket=actions=NORMAL,bucket=actions=CONTROLLER:65535,'
            'bucket=actions=dec_ttl,CONTROLLER:65535')
    s.ofctl('add-flow', 'cookie=0x77,actions=group:1')
    a.must_reach(b.v4)
    eventually(lambda: re.search(r'PACKET_IN.*cookie=0x77.*in_port=.*\(via action\)', m.text()), m.text)
    a.sh('ping', '-c', 1, '-t', 1, '-w', 60, b.v4)
    eventually(lambda: 'nw_ttl=1,' in m.text(), m.text)
    # the bucket whose TTL runs out ends alone, and with its frame unchanged
    assert 'nw_ttl=63,' in m.text() and 'nw_ttl=0,' not in m.text()


def test_packet_out_through_a_group(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a, b, c = s.hosts
    s.ofctl('add-group', 'group_id=1,type=all,bucket=actions=set_field:02:00:00:00:00:a2->eth_dst,output:2,bucket=actions=output:3')
    sent = frame('02:00:00:00:00:99', a.mac)
    there = c.start_traffic('sniff', 'eth0', 600)
    hears(b, frame('02:00:00:00:00:a2', a.mac),
          lambda: s.ofctl('packet-out', 'in_port=1,packet=%s,actions=group:1' % sent))
    eventually(lambda: sent in there.text(), there.text)
    there.stop()


def test_a_changed_group_takes_effect_at_once(lab):
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    a, b, c = s.hosts
    s.ofctl('add-group', 'group_id=1,type=indirect,bucket=actions=output:2')
    s.ofctl('add-flow', 'in_port=1,actions=group:1')
    sent = frame('02:00:00:00:00:99', a.mac)
    hears(b, sent, lambda: a.traffic('frames', 'eth0', 1, sent))
    s.ofctl('mod-group', 'group_id=1,type=indirect,bucket=actions=output:3')
    hears(c, sent, lambda: a.traffic('frames', 'eth0', 1, sent))
    eventually(lambda: s.ports()['1']['rx'] == a.link('eth0')['stats64']['tx']['packets'], s.ports)  # nothing is on its way
    s.ofctl('mod-group', 'group_id=1,type=all')
    before = s.drops().get('group', 0)
    a.traffic('frames', 'eth0', 10, sent)
    eventually(lambda: s.drops().get('group', 0) == before + 10, s.drops)


def test_all_leaves_the_ingress_out(lab):
    """Unless a bucket outputs to IN_PORT (5.6.1)."""
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    a, b = s.hosts
    s.ofctl('add-group', 'group_id=1,type=all,bucket=actions=output:1,bucket=actions=output:2')
    s.ofctl('add-group', 'group_id=2,type=all,bucket=actions=in_port,bucket=actions=output:2')
    s.ofctl('add-flow', 'in_port=1,dl_type=0x88b5,actions=group:1')
    s.ofctl('add-flow', 'in_port=1,dl_type=0x88b6,actions=group:2')
    other = frame('02:00:00:00:00:99', a.mac, '88b6' + '00' * 46)
    back = a.start_traffic('sniff', 'eth0', 600)
    hears(b, frame('02:00:00:00:00:99', a.mac), lambda: a.traffic('frames', 'eth0', 1, frame('02:00:00:00:00:99', a.mac)))
    hears(b, other, lambda: a.traffic('frames', 'eth0', 1, other))
    eventually(lambda: other in back.text(), back.text)
    assert '88b5' not in back.text()
    back.stop()


def test_tcp_through_a_group_keeps_its_superframes(lab, iperf3, workers):
    s = lab.net(2, '--fail-mode', 'secure', workers=workers)
    a, b = s.hosts
    s.ofctl('add-group', 'group_id=1,type=select,bucket=actions=output:1,bucket=actions=output:1')
    s.ofctl('add-group', 'group_id=2,type=all,bucket=actions=dec_ttl,output:2')
    s.ofctl('add-flow', 'in_port=1,ip,actions=group:2')
    s.ofctl('add-flow', 'in_port=1,arp,actions=output:2')
    s.ofctl('add-flow', 'in_port=2,actions=group:1')
    a.must_reach(b.v4)
    before, arrived = b.counter('TcpInCsumErrors'), b.link('eth0')['stats64']['rx']['packets']
    a.tcp(b, b.v4, '200M')
    assert b.counter('TcpInCsumErrors') == before
    # 200 MB is 140,000 frames; they cross the cable as superframes, of which the host counts each once
    eventually(lambda: group_count(s, 2) > 130000, lambda: s.ofctl('dump-group-stats').stdout)
    arrived = b.link('eth0')['stats64']['rx']['packets'] - arrived
    assert arrived < 100000, arrived
