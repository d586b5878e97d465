# SPDX-License-Identifier: ISC
"""Queues: made by the operator, read by controllers, filled by SET_QUEUE, sent by the kernel's HTB."""

import json
import re

import pytest

from lab import Switch, eventually
from openflow import Cable
from test_account import frame, settle

QUEUES = ('--queue', 'p2:0', '--queue', 'p2:1:min=1gbit,max=5gbit', '--queue', 'p2:7:max=20mbit')


@pytest.fixture
def s(lab):
    """The HTB scheduler is part of what this product needs for queues; a kernel without it says so in the log."""
    s = lab.net(2, '--fail-mode', 'secure', *QUEUES, quiet=True)
    if 'sch_htb' in s.log():
        pytest.skip('this kernel has no HTB')
    return s


def stats(s, *which):
    """{queue: (bytes, packets, errors)} of port 2, by the real ovs-ofctl"""
    text = s.ofctl('queue-stats', *(which or ('2',))).stdout
    return {int(q): (int(b), int(p), int(e))
            for q, b, p, e in re.findall(r'queue (\d+): bytes=(\d+), pkts=(\d+), errors=(\d+)', text)}


def test_controllers_read_what_the_operator_made(s):
    text = s.ofctl('queue-get-config', '2').stdout
    of_all = json.loads(s.tool('queue-get-config', options=('--json',)).stdout)
    of_one = json.loads(s.tool('queue-get-config', '2', options=('--json',)).stdout)
    assert of_one and of_one == [q for q in of_all if q['port'] == 2], (of_one, of_all)
    queues = dict(re.findall(r'queue (\d+):(.*)', text))
    assert set(queues) == {'0', '1', '7'}, text
    assert 'min_rate:10.0%' in queues['1'] and 'max_rate:50.0%' in queues['1'] and 'max_rate:0.2%' in queues['7'], text
    assert set(stats(s)) == {0, 1, 7} and set(stats(s, '2', '7')) == {7} and set(stats(s, 'ANY', '1')) == {1}


@pytest.mark.parametrize('words, error', [(('queue-stats', '2', '5'), 'OFPQOFC_BAD_QUEUE'),
                                          (('queue-stats', '9'), 'OFPQOFC_BAD_PORT'),
                                          (('queue-get-config', '9'), 'OFPQOFC_BAD_PORT'),
                                          (('add-flow', 'actions=set_queue:4294967295,output:2'), 'OFPBAC_BAD_QUEUE')])
def test_what_is_not_there_is_an_error(s, words, error):
    done = s.ofctl(*words, check=False)
    assert error in done.stdout + done.stderr, done.stdout + done.stderr


def test_frames_go_by_their_queue_and_are_counted(s):
    a, b = s.hosts
    s.flow('in_port=1,dl_type=0x88b5,actions=output:2', 'in_port=1,dl_type=0x88b6,actions=set_queue:1,output:2',
           'in_port=1,dl_type=0x88b7,actions=set_queue:99,output:2')
    before = stats(s)
    for n, kind in ((100, '88b5'), (200, '88b6'), (30, '88b7')):
        a.traffic('frames', 'eth0', n, frame(b.mac, a.mac, kind, ''))
    settle(s)
    new = {q: tuple(x - y for x, y in zip(stats(s)[q], before[q])) for q in before}
    assert new == {0: (6000, 100, 0), 1: (12000, 200, 0), 7: (0, 0, 0)}, new
    classes = s.ns.sh('tc', '-s', 'class', 'show', 'dev', 'p2').stdout
    sent = {h: int(n) for h, n in re.findall(r'class htb (1:\w+) .*\n Sent \d+ bytes (\d+) pkt', classes)}
    assert sent['1:2'] >= 100 and sent['1:3'] == 200 and sent['1:fffe'] >= 30, classes


def test_a_maximum_is_kept_and_what_it_refuses_is_counted(lab, s, iperf3):
    a, b = s.hosts
    s.flow('priority=40000,in_port=1,udp,actions=set_queue:7,output:2', 'in_port=1,actions=output:2', 'in_port=2,actions=output:1')
    a.must_reach(b.v4)
    before, _ = settle(s)
    others = stats(s)[0][1]
    a.tcp(b, b.v4, '5M', more=['-u', '-b', '200M', '-l', '1000'])
    after, now = settle(s)
    q = stats(s)[7]
    assert q[2] == now.get('tx-full', 0) > 0, 'ten times the maximum passed unhindered: %s' % (q,)
    assert q[1] + q[2] == after['1']['rx'] - before['1']['rx'] - (stats(s)[0][1] - others)
    assert after['2']['tx_drop'] - before['2']['tx_drop'] == q[2], (q, now)


def test_tcp_superframes_pass_a_queue(s, iperf3):
    a, b = s.hosts
    s.flow('in_port=1,actions=set_queue:1,output:2', 'in_port=2,actions=output:1')
    a.must_reach(b.v4)
    before = b.counter('TcpInCsumErrors')
    a.tcp(b, b.v4, '20M')
    assert b.counter('TcpInCsumErrors') == before and stats(s)[1][0] > 15000000


def test_the_interface_is_given_back_as_it_was(lab, s):
    assert 'htb' in s.ns.sh('tc', 'qdisc', 'show', 'dev', 'p2').stdout
    s.ns.ip('link', 'del', 'p2')
    eventually(lambda: '2(p2)' not in s.tool('dump-ports-desc').stdout, 'p2 is gone')
    s.hosts[1].plug(s.ns)
    eventually(lambda: 'htb' in s.ns.sh('tc', 'qdisc', 'show', 'dev', 'p2').stdout, 'queues come back with the interface')
    s.stop()
    assert 'htb' not in s.ns.sh('tc', 'qdisc', 'show', 'dev', 'p2').stdout


def test_a_discipline_of_somebody_else_is_not_touched(lab):
    ns = lab.namespace()
    lab.hosts(1, ns)
    ns.sh('tc', 'qdisc', 'add', 'dev', 'p1', 'root', 'tbf', 'rate', '1gbit', 'burst', '100kb', 'latency', '50ms')
    s = Switch(lab, ns, '--queue', 'p1:1', ports=[(1, 'p1')])
    assert 'queueing discipline of somebody else' in s.log()
    assert 'tbf' in ns.sh('tc', 'qdisc', 'show', 'dev', 'p1').stdout and 'queue 1' not in s.ofctl('queue-stats').stdout


def test_the_file_changes_queues(lab):
    ns = lab.namespace()
    lab.hosts(1, ns)
    path = lab.file('conf')

    def write(*queues):
        with open(path, 'w') as f:
            f.write('bridge s1 {\n\tlocal = no\n\tqueue = {%s}\n\tport p1 { number = 1 }\n}\n'
                    % ', '.join('"p1:%s"' % q for q in queues))
    write('1:max=1gbit', '2')
    s = Switch(lab, ns, '--config', path)
    if 'sch_htb' in s.log():
        pytest.skip('this kernel has no HTB')
    assert set(re.findall(r'queue (\d+)', s.ofctl('queue-stats').stdout)) == {'1', '2'}
    write('2', '3:max=2gbit')
    s.ctl('reload')
    assert set(re.findall(r'queue (\d+)', s.ofctl('queue-stats').stdout)) == {'2', '3'}
    write()
    s.ctl('reload')
    assert 'htb' not in ns.sh('tc', 'qdisc', 'show', 'dev', 'p1').stdout


@pytest.mark.parametrize('first, second', [('1500kbit', '500kbit'), ('500kbit', '1500kbit')])
def test_minimum_rates_share_a_full_port(lab, first, second):
    """Both queues get the same burst, more than the port sends in seconds; while both still hold frames each has sent by its minimum.

    What is compared are counts of one reading of the kernel's, so it does not matter when that is; a reading that comes so late that a
    queue has run empty says nothing, and the burst is sent again."""
    s = lab.net(2, '--fail-mode', 'secure', '--queue', 'p2:all:max=2mbit', '--queue', 'p2:1:min=' + first, '--queue',
                'p2:2:min=' + second, quiet=True)
    if 'sch_htb' in s.log():
        pytest.skip('this kernel has no HTB')
    a, b = s.hosts
    s.flow('in_port=1,dl_type=0x88b5,actions=set_queue:1,output:2', 'in_port=1,dl_type=0x88b6,actions=set_queue:2,output:2')
    frames = [bytes.fromhex(frame(b.mac, a.mac, kind, '')).ljust(1000, b'\0') for kind in ('88b5', '88b6')]
    cable = Cable(a)

    def classes():
        """{class: (frames sent, frames that wait)}"""
        text = s.ns.sh('tc', '-s', 'class', 'show', 'dev', 'p2').stdout
        return {h: (int(sent), int(wait)) for h, sent, wait in
                re.findall(r'class htb (1:[23]) .*\n Sent \d+ bytes (\d+) pkt.*\n(?: rate.*\n)? backlog \S+ (\d+)p', text)}

    def shares():
        """What both have sent since the burst, while both are busy; None if that was missed."""
        before = classes()
        for _ in range(600):
            cable.send(*frames)
        while True:
            now = classes()
            sent = [now[c][0] - before[c][0] for c in ('1:2', '1:3')]
            if not now['1:2'][1] or not now['1:3'][1]:
                eventually(lambda: not any(wait for _, wait in classes().values()), 'the queues run empty')
                return None
            if max(sent) >= 150:
                return sent
    for _ in range(10):
        sent = shares()
        if sent:
            break
    assert sent, 'ten bursts have passed unseen'
    ratio = sent[0] / sent[1] if first == '1500kbit' else sent[1] / sent[0]
    assert 2 < ratio < 4.5, sent
