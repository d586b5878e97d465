# SPDX-License-Identifier: ISC
"""What rf-ofctl has beyond ovs-ofctl, and what the differential test cannot see.

Captures, JSON, rates, completion, a million flows, the lines of other projects' documentation."""

import json
import os
import re
import shlex
import subprocess

from lab import TOP, eventually, program, run


def test_every_dump_is_json(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    s.flow('cookie=0x5,priority=7,tcp,in_port=1,tp_dst=80,send_flow_rem,actions=dec_ttl,output:2', 'table=3,actions=drop')
    s.tool('add-group', 'group_id=1,type=select,bucket=weight:5,output:1,bucket=output:2')
    s.tool('add-meter', 'meter=1,kbps,bands=type=drop,rate=100')
    answers = {c: json.loads(s.tool(c, options=('--json',)).stdout) for c in (
        'show', 'dump-desc', 'dump-flows', 'dump-aggregate', 'dump-ports', 'dump-ports-desc', 'dump-tables',
        'dump-table-features', 'dump-groups', 'dump-group-stats', 'dump-group-features', 'dump-meters', 'meter-stats',
        'meter-features', 'queue-stats')}
    flow = next(f for f in answers['dump-flows'] if f['table'] == 0)
    assert (flow['priority'], flow['cookie'], flow['flags']) == (7, '0x5', ['send_flow_rem'])
    assert flow['match'] == {'tcp': True, 'in_port': '1', 'tp_dst': '80'}
    assert flow['actions'] == ['dec_ttl', 'output:2']
    assert answers['dump-aggregate']['flow_count'] == 2
    assert answers['dump-groups'][0]['buckets'][0] == {'weight': 5, 'actions': ['output:1']}
    assert answers['dump-meters'][0]['bands'][0] == {'type': 'drop', 'rate': 100}
    assert {p['name'] for p in answers['show']['ports']} == {'p1', 'p2'}
    assert len(answers['dump-table-features']) == 254


def test_explain_tells_what_stands_before_a_flow(lab):
    s = lab.net(1, '--fail-mode', 'secure')
    s.flow('priority=10,ip,actions=1', 'priority=20,tcp,actions=1', 'priority=5,tcp,tp_dst=80,actions=1',
           'priority=7,arp,actions=1', 'priority=5,udp,actions=1', 'priority=5,ip,nw_dst=10.0.0.1,actions=1',
           'table=1,priority=99,ip,actions=1')
    text = s.tool('explain', 'priority=5,tcp,tp_dst=80').stdout
    assert 'covers:   priority=10 ip' in text and 'covers:   priority=20 tcp' in text and 'is there:' in text
    assert 'tied:     priority=5 ip,nw_dst=10.0.0.1' in text
    assert 'never sees a frame' in text and 'arp' not in text and 'udp' not in text and 'priority=99' not in text
    text = s.tool('explain', 'priority=15,ip').stdout
    assert 'before:   priority=20 tcp' in text and 'It sees what 1 entry' in text and 'does not have this entry' in text
    assert {r['relation'] for r in json.loads(s.tool('explain', 'priority=15,ip', options=('--json',)).stdout)} == {'before'}


def test_watch_shows_rates(lab):
    s = lab.net(2, '--fail-mode', 'secure', quiet=True)
    s.flow('in_port=1,actions=2', 'in_port=2,actions=1')
    ping = s.hosts[0].start('ping', '-q', '-i', '0.05', s.hosts[1].v4)
    for command in 'dump-flows', 'dump-ports':
        watch = s.ns.start(program('rf-ofctl'), '--watch=1', command, 'unix:' + s.mgmt_path())
        eventually(lambda w=watch: re.search(r'^ +\d+ +[1-9]\d* ', w.text(), re.M), watch.text)
        watch.stop()
    ping.stop()


def test_an_error_points_at_the_word(lab):
    s = lab.net(1)
    bad = s.tool('add-flow', 'tcp,tcp_dts=80,actions=output:1', options=('--hints',), check=False)
    assert bad.returncode == 1 and bad.stderr.splitlines() == [
        'rf-ofctl: unknown keyword tcp_dts', '  tcp,tcp_dts=80,actions=output:1', '      ^ did you mean "tcp_dst"?']
    assert s.tool('add-flow', 'tcp,tcp_dts=80,actions=output:1', check=False).stderr == 'rf-ofctl: unknown keyword tcp_dts\n'


def test_refused_lines_of_a_file_are_named_and_the_others_stay(lab):
    s = lab.net(1, '--fail-mode', 'secure')
    path = lab.file('flows')
    with open(path, 'w') as f:
        for i in range(1, 2001):
            f.write('priority=%d,actions=%s\n' % (i, 'group:9' if i in (700, 1500) else 'output:1'))
    bad = s.tool('add-flows', path, check=False)
    assert bad.returncode == 1
    assert re.findall(r':(\d+): the switch refused', bad.stderr) == ['700', '1500']
    assert 'flow_count=1998' in s.tool('dump-aggregate').stdout


def test_many_flows_in_little_memory(lab):
    """100,000 flows go in with one barrier, and come out part by part: the tool's memory does not grow with the dump."""
    s = lab.net(1, '--fail-mode', 'secure')
    path = lab.file('flows')
    with open(path, 'w') as f:
        for i in range(100000):
            f.write('priority=100,ip,nw_dst=10.%d.%d.%d,actions=output:1\n' % (i >> 16, i >> 8 & 255, i & 255))
    s.tool('add-flows', path)
    peak = {}
    # a sanitizer keeps what was freed, to find late uses of it; here that would be all that is counted
    env = dict(os.environ, ASAN_OPTIONS='quarantine_size_mb=0:thread_local_quarantine_size_kb=0')
    for what in '', 'table=200':
        done = run('/usr/bin/python3', '-c', 'import resource, subprocess, sys\n'
                   'n = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout.count(b"actions=")\n'
                   'print(n, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)',
                   program('rf-ofctl'), 'dump-flows', 'unix:' + s.mgmt_path(), what, env=env)
        peak[what] = [int(w) for w in done.stdout.split()]
    assert (peak[''][0], peak['table=200'][0]) == (100000, 0)
    assert peak[''][1] < peak['table=200'][1] + 4096  # KiB


def test_messages_in_a_capture(lab):
    """A controller's conversation on port 6653, one message cut by segments, one out of order."""
    from scapy.all import IP, TCP, Ether, Raw, wrpcap
    hello, barrier, flow_mod = '0400000800000001', '0414000800000002', (
        '040e005000000003' + '00' * 16 + '0000' + '00000000' + '8000' + 'ffffffff' * 3 + '00000000' + '0001000400000000' +
        '0004001800000000' + '00000010' + '00000002' + '0000' + '00' * 6)
    stream = bytes.fromhex(hello + barrier + flow_mod)

    def segment(at, n):
        tcp = TCP(sport=40000, dport=6653, flags='A', seq=100 + at)
        return Ether() / IP(src='10.0.0.1', dst='10.0.0.2') / tcp / Raw(stream[at:at + n])
    path = lab.file('pcap')
    wrpcap(path, [segment(0, 10), segment(10, 20), segment(30, 40), segment(70, len(stream))])
    ordered = run(program('rf-ofctl'), 'ofp-parse-pcap', path).stdout
    assert ordered == run('ovs-ofctl', 'ofp-parse-pcap', path).stdout
    wrpcap(path, [segment(0, 10), segment(30, 40), segment(10, 20), segment(10, 20), segment(70, len(stream))])
    text = run(program('rf-ofctl'), 'ofp-parse-pcap', path).stdout
    assert text == ''.join('%s10.0.0.1.40000 > 10.0.0.2.6653:\n%s\n' % (gap, line) for gap, line in (
        ('', 'OFPT_HELLO (OF1.3) (xid=0x1):\n version bitmap: 0x01, 0x02, 0x03, 0x04'),
        ('\n', 'OFPT_BARRIER_REQUEST (OF1.3) (xid=0x2):'), ('\n', 'OFPT_FLOW_MOD (OF1.3) (xid=0x3): ADD actions=output:2')))
    assert text == ordered
    assert run(program('rf-ofctl'), 'ofp-parse-pcap', path, '7777').stdout == ''


def test_snoop_shows_what_passes(lab):
    s = lab.net(1)
    snoop = s.ns.start(program('rf-ofctl'), '--rundir', s.rundir, 'snoop', 's1')
    eventually(lambda: 'HELLO' in snoop.text() or snoop.alive(), snoop.text)
    snoop.stop()


def test_monitor_tells_changes_of_flows(lab):
    s = lab.net(1, '--fail-mode', 'secure')
    s.flow('tcp,tp_dst=7,actions=1')
    m = s.ns.start(program('rf-ofctl'), 'monitor', 'unix:' + s.mgmt_path(), 'watch:tcp')
    eventually(lambda: 'tp_dst=7' in m.text(), m.text)  # it watches
    s.flow('tcp,tp_dst=80,actions=1', 'udp,actions=1')
    s.tool('del-flows')
    eventually(lambda: 'event=DELETED reason=delete table=0 cookie=0 tcp,tp_dst=80' in m.text(), m.text)
    assert 'event=ADDED table=0 cookie=0 tcp,tp_dst=80' in m.text() and 'udp' not in m.text()


def complete(line):
    script = ('source %s; COMP_LINE=%s; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(%s); compopt() { :; }; _rf_ofctl; '
              'printf "%%s\\n" "${COMPREPLY[@]}"') % (
        shlex.quote(os.path.join(TOP, 'utilities', 'ofctl', 'completion', 'rf-ofctl.bash')), shlex.quote(line),
        program('rf-ofctl'))
    return subprocess.run(['bash', '-c', script], capture_output=True, text=True).stdout.split()


def test_bash_completes_commands_options_and_words():
    assert complete('rf-ofctl dump-f') == ['dump-flows']
    assert '--no-stats' in complete('rf-ofctl --no')
    assert complete('rf-ofctl add-flow br0 tcp,tcp_d') == ['tcp,tcp_dst']
    assert complete('rf-ofctl add-flow br0 tcp,actions=output:1,dec_t') == ['1,dec_ttl']
    assert 'no-packet-in' in complete('rf-ofctl -t 5 mod-port br0 1 no-')


def documented():
    with open(os.path.join(TOP, 'tests', 'conformance', 'ofctl_documented.txt')) as f:
        return [line.rstrip('\n') for line in f if line.strip() and not line.startswith('#')]


def test_the_lines_of_ryus_and_faucets_documentation_work(lab):
    """Each line as it is written there, with rf-ofctl for ovs-ofctl -O OpenFlow13; they name bridges and ports of their own."""
    s = lab.net(3, '--fail-mode', 'secure', quiet=True)
    lines = documented()
    assert len(lines) >= 20
    for line in lines:
        words = shlex.split(line, comments=True)
        words = [program('rf-ofctl')] + words[1:]
        env = dict(os.environ, RINGFLOW_RUNDIR=s.rundir)
        for i, w in enumerate(words):
            if w in ('s1', 's2', 's3', 'br0', 'ovs-br0'):
                words[i] = 's1'
            elif w.startswith('tcp:127'):
                words[i] = 'unix:' + s.mgmt_path()
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, (line, done.stderr)
