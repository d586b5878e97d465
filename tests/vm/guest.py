# SPDX-License-Identifier: ISC
"""Runs inside the virtual machine, as root: the installed unit on Debian 12's own kernel, with virtio ports.

Interfaces are told apart by their addresses: 52:54:00:00:01:NN is the switch's port NN, 52:54:00:00:02:NN what is plugged into it, which
becomes eth0 of a host in a namespace.  Ports 1 to 3 offer no segmentation (a hub of QEMU), 4 and 5 do (TAP devices)."""

import glob
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORTS = range(1, 6)
UNIT = 'rf-switchd'


def run(*words, check=True, limit=120, stdin=None):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=limit, input=stdin)
    assert not check or done.returncode == 0, '%s: %s' % (' '.join(map(str, words)), (done.stdout + done.stderr)[-1500:])
    return done


def eventually(question, what, limit=60):
    end = time.monotonic() + limit
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, 'never: ' + what
        time.sleep(0.05)


def unit_file():
    return run('systemctl', 'show', '-P', 'FragmentPath', UNIT).stdout.strip()


def config_path():
    return re.search(r'^ExecStart=.*--config (\S+)', open(unit_file()).read(), re.M)[1]


def pid():
    return int(run('systemctl', 'show', '-P', 'MainPID', UNIT).stdout)


def ctl(*words, check=True):
    return run('rf-ctl', *words, check=check).stdout


def emulated():
    return 'QEMU Virtual CPU' in open('/proc/cpuinfo').read()


def ports():
    return {p['name']: p for p in json.loads(ctl('--json', 'port', 'show'))}


def steering():
    return re.search('^steering: (.*)$', ctl('status'), re.M)[1]


def flips():
    return sum(int(n) for n in re.findall(r'(\d+) switches', ctl('status')))


def configure(text):
    with open(config_path(), 'w') as f:
        f.write(text)


class Host:
    def __init__(self, number):
        self.ns, self.v4, self.v6 = 'h%d' % number, '10.0.0.%d' % number, 'fd00::%d' % number
        run('ip', 'netns', 'add', self.ns)
        run('ip', 'link', 'set', interface(2, number), 'netns', self.ns, 'name', 'eth0')
        for words in ('link set lo up', 'addr add %s/24 dev eth0' % self.v4, 'addr add %s/64 dev eth0 nodad' % self.v6,
                      'link set eth0 up'):
            run('ip', '-n', self.ns, *words.split())

    def words(self, *words):
        return ('ip', 'netns', 'exec', self.ns) + words

    def start(self, *words):
        return subprocess.Popen([str(w) for w in self.words(*words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ping(self, address, count=3, interval=0.2, patience=30):
        """'patience': for the last answers; an emulated machine may stand still for seconds."""
        return run(*self.words('ping', '-n', '-c', count, '-i', interval, '-W', patience, address), check=False).stdout

    def reaches(self, address):
        return ' 0% packet loss' in self.ping(address, 1, patience=2)

    def tcp(self, server, address, seconds=3):
        listener = server.start('iperf3', '-s', '-1', '--forceflush')
        while 'listening' not in listener.stdout.readline():
            assert listener.poll() is None
        done = run(*self.words('iperf3', '-J', '-c', address, '-t', seconds), check=False)
        listener.wait(30)
        assert done.returncode == 0, done.stdout[-800:]
        return json.loads(done.stdout)['end']['sum_received']['bits_per_second'] / 1e6

    def bad_checksums(self):
        text = run(*self.words('nstat', '-asz', 'TcpInCsumErrors', 'UdpInCsumErrors')).stdout
        return sum(int(line.split()[1]) for line in text.splitlines() if 'CsumErrors' in line)


def interface(side, number):
    for path in glob.glob('/sys/class/net/*/address'):
        if open(path).read().strip() == '52:54:00:00:%02x:%02x' % (side, number):
            return path.split('/')[4]
    raise AssertionError('no interface %d/%d' % (side, number))


HOSTS = {}


def all_pairs():
    for a in (HOSTS[n] for n in PORTS):
        for b in (HOSTS[n] for n in PORTS):
            if a is not b:
                eventually(lambda a=a, b=b: a.reaches(b.v4), '%s reaches %s' % (a.ns, b.ns))


def test_the_unit_is_installed_and_hardened():
    out = run('systemd-analyze', 'security', '--threshold=25', '--offline=true', unit_file()).stdout
    run('systemd-analyze', 'verify', '--man=no', unit_file())
    return out.strip().splitlines()[-1].strip(' →')


def test_a_first_start_has_no_bridge_and_says_so():
    assert os.stat(config_path()).st_mode & 0o7777 == 0o640 and os.stat(config_path()).st_uid == 0
    run('systemctl', 'start', UNIT)
    assert 'bridge' not in ctl('status'), ctl('status')
    run('systemctl', 'stop', UNIT)
    assert not os.path.exists('/run/ringflow')


def test_eight_lines_of_configuration_and_hosts_talk():
    for n in PORTS:
        run('ip', 'link', 'set', interface(1, n), 'name', 'p%d' % n)
        run('ip', 'link', 'set', 'p%d' % n, 'up')
        HOSTS[n] = Host(n)
    lines = ['bridge br0 {', '\tdpid = 0000000000000001'] + ['\tport p%d { number = %d }' % (n, n) for n in PORTS] + ['}']
    assert len(lines) == 8
    configure('\n'.join(lines) + '\n')
    run('rf-switchd', '--check', config_path())
    run('systemctl', 'start', UNIT)
    all_pairs()
    return steering()


def test_it_runs_as_user_ringflow_with_few_rights():
    said = []
    for path in sorted(glob.glob('/proc/%d/task/*/status' % pid())):
        status = dict(line.split(':\t', 1) for line in open(path).read().splitlines() if ':\t' in line)
        caps = int(status['CapEff'], 16)
        main = path.split('/')[4] == path.split('/')[2]
        assert status['Uid'].split()[0] == run('id', '-u', 'ringflow').stdout.strip()
        assert status['NoNewPrivs'].strip() == '1' and status['Seccomp'].strip() == '2'
        assert caps == (1 << 12 | 1 << 13 if main else 0), (path, status['CapEff'])
        assert os.getpriority(os.PRIO_PROCESS, int(path.split('/')[4])) == -10, path
        said.append('%s %x' % ('main' if main else 'other', caps))
    return ', '.join('%d x %s' % (said.count(s), s) for s in sorted(set(said)))


def test_local_answers_once():
    run('ip', 'addr', 'add', '10.0.0.100/24', 'dev', 'br0')
    run('ip', 'link', 'set', 'br0', 'up')
    out = eventually(lambda: re.search('3 received', HOSTS[1].ping('10.0.0.100')) and HOSTS[1].ping('10.0.0.100'), 'LOCAL')
    assert 'DUP' not in out, out
    mac = open('/sys/class/net/br0/address').read().strip()
    neigh = run('ip', '-n', HOSTS[1].ns, 'neigh', 'show', '10.0.0.100').stdout
    assert mac in neigh, (mac, neigh)


def tcp_between(*pairs):
    before = sum(h.bad_checksums() for h in HOSTS.values())
    rates = ['%d>%d %.0f' % (a, b, HOSTS[a].tcp(HOSTS[b], getattr(HOSTS[b], v))) for a, b, v in pairs]
    assert sum(h.bad_checksums() for h in HOSTS.values()) == before
    return 'Mbit/s: ' + ', '.join(rates)


def features(name):
    return run('ethtool', '-k', name).stdout


def test_tcp_between_virtio_ports_without_tso():
    assert 'tcp-segmentation-offload: off' in features('p1')
    return tcp_between((1, 2, 'v4'), (2, 1, 'v6'))


def test_tcp_between_virtio_ports_with_tso():
    assert 'tcp-segmentation-offload: on' in features('p4')
    return tcp_between((4, 5, 'v4'), (5, 4, 'v6'))


def test_tcp_from_a_port_with_tso_to_one_without():
    return tcp_between((4, 1, 'v4'), (1, 4, 'v6'))


def test_a_port_attached_while_down_then_up():
    ctl('port', 'del', 'br0', 'p3')
    run('ip', 'link', 'set', 'p3', 'down')
    ctl('port', 'add', 'br0', 'p3', '3')
    assert ports()['p3']['number'] == 3
    eventually(lambda: HOSTS[1].reaches(HOSTS[3].v4), 'a port that is attached comes up, and host 3 is reached')
    run('ip', 'link', 'set', 'p3', 'down')
    assert not HOSTS[1].reaches(HOSTS[3].v4)
    run('systemctl', 'restart', UNIT)
    run('ip', 'link', 'set', 'p3', 'down')
    run('ip', 'link', 'set', 'p3', 'up')
    eventually(lambda: HOSTS[1].reaches(HOSTS[3].v4), 'host 3 is reached')


def test_ten_link_flaps():
    for _ in range(10):
        run('ip', 'link', 'set', 'p1', 'down')
        run('ip', 'link', 'set', 'p1', 'up')
    eventually(lambda: HOSTS[1].reaches(HOSTS[2].v4), 'host 2 is reached')
    assert ports()['p1']['number'] == 1
    out = HOSTS[1].ping(HOSTS[2].v4, 10)
    assert '10 received' in out and 'DUP' not in out, out


def sent(host):
    link = json.loads(run('ip', '-n', host.ns, '-j', '-s', 'link', 'show', 'eth0').stdout)[0]
    return link['stats64']['tx']['packets']


def test_a_port_that_sends_through_the_qdisc_layer_sees_no_echo():
    for n in PORTS:
        ctl('port', 'set', 'p%d' % n, 'visible', 'on')
    time.sleep(1)  # what is under way arrives
    before = {n: sent(HOSTS[n]) - ports()['p%d' % n]['rx_packets'] for n in PORTS}
    for n in (2, 3, 4):
        out = HOSTS[1].ping(HOSTS[n].v4, 20)
        assert '20 received' in out and 'DUP' not in out, out
    more = {n: ports()['p%d' % n]['rx_packets'] - sent(HOSTS[n]) + before[n] for n in PORTS}
    assert max(more.values()) < 10, 'received beyond what the host sent: %s' % more  # an echo would be 20 and more
    dump = subprocess.Popen(['tcpdump', '-n', '-c', '2', '-i', 'p2', 'icmp'], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)
    time.sleep(2)
    assert HOSTS[1].reaches(HOSTS[2].v4)
    seen = dump.communicate(timeout=30)[0]
    assert 'echo request' in seen and 'echo reply' in seen, seen
    for n in PORTS:
        ctl('port', 'set', 'p%d' % n, 'visible', 'off')


def veth_hosts():
    """Two more hosts on veth cables.  The order of frames is told there: QEMU's own queues let a frame overtake others when the guest is
    short of receive buffers, without any switch between (tried).  The sender keeps to one processor, as veth queues by processor."""
    for n in (6, 7):
        if n not in HOSTS:
            run('ip', 'link', 'add', 'v%d' % n, 'address', '52:54:00:00:02:%02x' % n, 'type', 'veth', 'peer', 'name', 'p%d' % n)
            HOSTS[n] = Host(n)
        if 'p%d' % n not in ports():
            ctl('port', 'add', 'br0', 'p%d' % n, n)
    eventually(lambda: HOSTS[6].reaches(HOSTS[7].v4), 'veth hosts talk')


def order(period, count=40000):
    sink = HOSTS[7].start('python3', HERE + '/traffic.py', 'order', 5000, count)
    assert 'ready' in sink.stdout.readline()
    run(*HOSTS[6].words('taskset', '-c', '1', 'python3', HERE + '/traffic.py', 'sequence', HOSTS[7].v4, 5000, count, period),
        limit=300)
    got = json.loads(sink.communicate(timeout=120)[0].strip().splitlines()[-1])
    assert got['late'] == 0 and got['twice'] == 0 and got['received'] > count / 4, got
    return got['received']


def test_order_is_kept_while_lanes_switch():
    veth_hosts()
    before = flips()
    assert any(os.readlink(p).endswith('/softnet_stat') for p in glob.glob('/proc/%d/fd/*' % pid())), 'order is watched over'
    got = [order(period) for period in (3, 10, 30)]
    assert flips() > before
    return '%s frames in order, %d lane switches' % (got, flips() - before)


def lane_frames():
    """(port, worker): frames."""
    return {(p, int(w)): int(n) for p, w, n in re.findall(r'^lane (\S+)/(\d+): .* (\d+) frames', ctl('status'), re.M)}


def workers_of(source, count=10):
    """The workers that had the requests of pings from 'source' to host 7, and those that had the answers."""
    before = lane_frames()
    out = run(*HOSTS[6].words('ping', '-n', '-c', count, '-i', '0.02', '-W', 30, '-I', source, HOSTS[7].v4)).stdout
    assert '%d received' % count in out, out
    more = {lane: n - before[lane] for lane, n in lane_frames().items()}
    return [[w for w in (0, 1) if more[port, w] >= count] for port in ('p6', 'p7')]


def two_workers():
    """Both directions of a flow come to one worker, flows to both, TCP and order are as with one."""
    used = set()
    for n in range(16):
        source = '10.0.0.%d' % (200 + n)
        run('ip', '-n', HOSTS[6].ns, 'addr', 'add', source + '/24', 'dev', 'eth0')
        requests, answers = workers_of(source)
        run('ip', '-n', HOSTS[6].ns, 'addr', 'del', source + '/24', 'dev', 'eth0')
        assert requests == answers and len(requests) == 1, (source, requests, answers)
        used.update(requests)
    assert used == {0, 1}
    said = tcp_between((6, 7, 'v4'), (7, 6, 'v6'), (4, 1, 'v4'))
    return '%s, 2 workers; %s; %s frames in order' % (steering(), said, [order(period, 20000) for period in (3, 30)])


def test_two_workers():
    good = open(config_path()).read()
    configure('workers = 2\n' + good)
    run('systemctl', 'restart', UNIT)
    all_pairs()
    veth_hosts()
    said = two_workers()
    configure(good)
    run('systemctl', 'restart', UNIT)
    all_pairs()
    veth_hosts()
    return said


def test_ping_beside_load():
    listener = HOSTS[2].start('iperf3', '-s', '-1', '--forceflush')
    while 'listening' not in listener.stdout.readline():
        assert listener.poll() is None
    load = HOSTS[1].start('iperf3', '-u', '-b', '3M', '-l', '100', '-t', '8', '-c', HOSTS[2].v4)
    time.sleep(1)
    out = HOSTS[4].ping(HOSTS[3].v4, 100, 0.05)
    load.wait(60)
    listener.wait(60)
    times = [float(t) for t in re.findall(r'time=([\d.]+)', out)]
    assert len(times) >= 99, out[-300:]
    return 'median %.2f ms, largest %.2f ms (emulated processor)' % (statistics.median(times), max(times))


STEPS = ('InactiveEnterTimestampMonotonic', 'ExecMainStartTimestampMonotonic', 'ActiveEnterTimestampMonotonic')


def crash(unit):
    """Seconds from the signal until systemd has seen the end, has started another, and calls it active: systemd's own notes of it, read
    afterwards, as asking takes an emulated processor longer than what is asked for."""
    old = run('systemctl', 'show', '-P', 'MainPID', unit).stdout.strip()
    began = time.monotonic()
    os.kill(int(old), signal.SIGSEGV)
    while True:
        time.sleep(3)
        state = dict(line.split('=', 1) for line in run('systemctl', 'show', '-p', 'MainPID,ActiveState,' + ','.join(STEPS),
                                                        unit).stdout.split())
        if state['MainPID'] not in ('0', old) and state['ActiveState'] == 'active':
            return [int(state[step]) / 1e6 - began for step in STEPS]
        assert time.monotonic() - began < 30


def test_a_crash_is_over_within_a_second():
    """An emulated processor is slow, systemd too: what the same unit needs for a program that does nothing is measured beside it."""
    text = open(unit_file()).read().replace('Type=notify', 'Type=exec').replace('RuntimeDirectory=ringflow', 'RuntimeDirectory=idle')
    text = re.sub('WatchdogSec=.*', '', re.sub('ExecStart=.*', 'ExecStart=/bin/sleep infinity', text))
    with open('/run/systemd/system/idle.service', 'w') as f:
        f.write(text)
    run('systemctl', 'daemon-reload')
    run('systemctl', 'start', 'idle')
    idle = [crash('idle') for _ in range(3)]
    run('systemctl', 'stop', 'idle')
    ours = []
    for _ in range(3):
        ours.append(crash(UNIT))
        eventually(lambda: HOSTS[1].reaches(HOSTS[2].v4), 'hosts talk again')
    said = 'dead/started/ready after %s s; a program that does nothing: %s s' % tuple(
        ', '.join('/'.join('%.2f' % t for t in steps) for steps in times) for times in (ours, idle))
    assert min(steps[-1] for steps in ours) < 1 + (min(steps[-1] for steps in idle) if emulated() else 0), said
    return said


def test_a_bad_file_changes_nothing_and_a_good_one_does():
    good = open(config_path()).read()
    old = pid()
    configure(good.replace('0000000000000001', 'zz'))
    run('systemctl', 'reload', UNIT)
    eventually(lambda: 'nothing was changed' in run('journalctl', '-u', UNIT, '-o', 'cat').stdout, 'the log says why')
    assert HOSTS[1].reaches(HOSTS[2].v4)
    configure(good.replace('\tport p5 { number = 5 }\n', ''))
    run('systemctl', 'reload', UNIT)
    eventually(lambda: 'p5' not in ports(), 'port 5 goes')
    configure(good)
    run('systemctl', 'reload', UNIT)
    eventually(lambda: HOSTS[1].reaches(HOSTS[5].v4), 'port 5 is back')
    assert pid() == old


def test_a_wrong_file_at_start_is_not_tried_for_ever():
    good = open(config_path()).read()
    configure('bridge br0 {\n\tworkers = 3\n}\n')
    assert run('systemctl', 'restart', UNIT, check=False).returncode != 0
    log = run('journalctl', '-u', UNIT, '-n', '20', '-o', 'cat').stdout
    assert config_path() + ':2: ' in log, log
    time.sleep(1)
    assert run('systemctl', 'is-failed', UNIT, check=False).stdout.strip() == 'failed'
    configure(good)
    run('systemctl', 'restart', UNIT)
    all_pairs()


def test_a_hanging_daemon_is_replaced_by_the_watchdog():
    old = pid()
    run('kill', '-STOP', old)
    eventually(lambda: pid() not in (0, old), 'a new one is started', 90)
    eventually(lambda: HOSTS[1].reaches(HOSTS[2].v4), 'hosts talk again')


def test_where_bpf_is_refused_frames_are_steered_without():
    folder = '/etc/systemd/system/%s.service.d' % UNIT
    os.makedirs(folder, exist_ok=True)
    with open(folder + '/no-bpf.conf', 'w') as f:
        f.write('[Service]\nSystemCallFilter=~bpf\nAmbientCapabilities=\nAmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN\n'
                'CapabilityBoundingSet=\nCapabilityBoundingSet=CAP_NET_RAW CAP_NET_ADMIN\n')
    run('systemctl', 'daemon-reload')
    run('systemctl', 'restart', UNIT)
    all_pairs()
    assert 'eBPF' not in steering(), steering()
    said = tcp_between((1, 2, 'v4'), (4, 5, 'v4'))
    veth_hosts()
    before = flips()
    got = [order(period, 20000) for period in (3, 30)]
    said = '%s; %s; %s frames in order, %d lane switches' % (steering(), said, got, flips() - before)
    configure('workers = 2\n' + open(config_path()).read())
    run('systemctl', 'restart', UNIT)
    all_pairs()
    veth_hosts()
    return said + '; ' + two_workers()


def test_what_this_kernel_offers():
    """The rows of rf-internals(7), tried here by a switch on veth cables, beside the unit."""
    os.makedirs('/run/programs', exist_ok=True)
    for name in ('rf-switchd', 'rf-ctl', 'rf-ofctl'):
        os.symlink(run('which', name).stdout.strip(), '/run/programs/' + name)
    rows = run('python3', '-B', HERE + '/kernel.py', '/run/programs', limit=300).stdout
    print(''.join('#   %s\n' % row for row in rows.splitlines()), end='', flush=True)
    got = dict(row.split('\t') for row in rows.splitlines())
    modern = [int(n) for n in os.uname().release.split('.')[:2]] >= [6, 2]
    assert got['steering'] == 'eBPF' and got['TCP over veth'].startswith('whole'), rows
    assert got['UDP superframes (UDP_SEGMENT)'].startswith('all' if modern else 'none: the kernel drops them, 1'), rows


def test_stop_leaves_nothing_behind():
    run('systemctl', 'stop', UNIT)
    assert not os.path.exists('/run/ringflow') and not os.path.exists('/sys/class/net/br0')
    assert open('/proc/sys/net/ipv4/conf/p1/arp_ignore').read().strip() == '0'


def main():
    wanted = sys.argv[1:]
    failed = 0
    tests = [(n, t) for n, t in globals().items() if n.startswith('test_')]
    print('# kernel %s, %s' % (os.uname().release, run('rf-switchd', '--version').stdout.strip()), flush=True)
    for name, test in tests:
        if wanted and not any(w in name for w in wanted) and 'eight_lines' not in name:
            continue
        try:
            detail = test()
            print('ok - %s%s' % (name[5:], '  # %s' % detail if detail else ''), flush=True)
        except Exception as e:  # one failure doesn't hide the others
            failed += 1
            print('not ok - %s\n    %s: %s' % (name[5:], type(e).__name__, str(e).replace('\n', '\n    ')), flush=True)
    if failed:
        print(run('journalctl', '-u', UNIT, '-n', '60', '-o', 'cat').stdout, flush=True)
    print('done', flush=True)


main()
