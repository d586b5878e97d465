# SPDX-License-Identifier: ISC
"""Connections as a controller sees them that does not behave, or wants more than one."""

import datetime
import os
import re
import signal
import socket
import struct
import subprocess
import time

import lab as labs
import openflow as of
import pytest
from lab import PATIENCE, eventually
from openflow import apply, flow, ofp, output, parser

PORT = 6654


class Server:
    """Waits for the switch to dial, on 127.0.0.1 of its namespace."""

    def __init__(self, ns, port=6653):
        self.sock = of.in_namespace(ns.name, lambda: socket.create_server(('127.0.0.1', port)))
        ns.lab.later(self.sock.close)

    def accept(self, limit=labs.PATIENCE, **how):
        self.sock.settimeout(limit)
        sock, _ = self.sock.accept()
        return of.Client(sock, **how)

    def nobody(self, limit=1.0):
        """Nobody dials."""
        self.sock.settimeout(limit)
        with pytest.raises(socket.timeout):
            self.sock.accept()


def closed(c, limit=labs.PATIENCE):
    """True when the switch has closed; what comes before is thrown away."""
    while c.next_raw(limit) is not None:
        pass
    return c.closed


def role(c, what, generation=0):
    return c.ask(parser.OFPRoleRequest(of.DP, what, generation)).role


# ---- auxiliary connections, 6.3.5 ----

def test_auxiliary_connections_share_the_main_ones_session(lab):
    ns = lab.namespace()
    hosts = lab.hosts(2, ns, quiet=True)
    server = Server(ns)
    s = labs.Switch(lab, ns, '--fail-mode', 'secure', '--controller', 'tcp:127.0.0.1:6653,aux=2', '--max-backoff', 1,
                    ports=[(h.number, h.port) for h in hosts])
    main = server.accept(features=False)
    server.nobody()  # the main connection's set-up comes first
    main.features = main.ask(parser.OFPFeaturesRequest(of.DP))
    assert main.features.auxiliary_id == 0
    aux = {}
    for c in (server.accept(), server.accept()):
        aux[c.features.auxiliary_id] = c
        assert c.features.datapath_id == main.features.datapath_id
    assert sorted(aux) == [1, 2]
    server.nobody()
    # one role, one mask
    assert role(main, ofp.OFPCR_ROLE_SLAVE, 1) == ofp.OFPCR_ROLE_SLAVE
    assert role(aux[1], ofp.OFPCR_ROLE_NOCHANGE) == ofp.OFPCR_ROLE_SLAVE
    with pytest.raises(of.Refused) as e:
        aux[2].do(flow(apply(output(1))))
    assert (e.value.type, e.value.code) == (1, 10)
    assert role(aux[1], ofp.OFPCR_ROLE_EQUAL) == ofp.OFPCR_ROLE_EQUAL
    # any message on any connection, the reply where the request came
    aux[1].do(flow(apply(output(ofp.OFPP_CONTROLLER)), in_port=1))
    aux[2].ask(parser.OFPDescStatsRequest(of.DP, 0))
    main.quiet(seconds=0.1)
    # packet-ins take the auxiliary connections, a flow keeps to one; all else takes the main one
    cable = of.Cable(hosts[0])
    for i in range(40):
        for n in range(10):
            cable.send(bytes.fromhex('020000000002') + bytes([2, 0, 0, 0, 1, i]) + b'\x88\xb5' + bytes([n]) * 60)
    came = {}

    def all_came():
        for k, c in aux.items():
            while True:
                m = c.next(0.05)
                if m is None:
                    break
                assert m.msg_type == ofp.OFPT_PACKET_IN
                came.setdefault(m.data[11], []).append(k)
        return sum(map(len, came.values())) == 400
    eventually(all_came, lambda: came)
    assert all(len(set(ks)) == 1 and len(ks) == 10 for ks in came.values()), came
    assert {ks[0] for ks in came.values()} == {1, 2}
    hosts[1].ip('link', 'set', 'eth0', 'down')
    main.take(ofp.OFPT_PORT_STATUS)
    assert not [m for m in main.unasked if m.msg_type == ofp.OFPT_PACKET_IN]
    shown = s.ctl('controller', 'show').stdout
    assert shown.count('tcp:127.0.0.1:6653') == 3, shown
    # an auxiliary connection alone comes back
    aux[1].close()
    again = server.accept()
    assert again.features.auxiliary_id == 1
    # without the main one there are none
    main.close()
    assert closed(again) and closed(aux[2])
    main = server.accept(features=False)
    server.nobody()
    assert not s.connected()


# ---- who may connect, and how many ----

def persistent(switch):
    """A peer that dials again when it is sent away, as every controller does: the silent ones may be the quicker to fill its place
    as long as the kernel repeats their SYNs."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return of.Client.connect(switch, PORT)
        except (AssertionError, OSError):
            assert time.monotonic() < end
            time.sleep(0.1)


def test_silent_peers_keep_nobody_out(lab):
    """500 connections that say nothing: a few are held, a good peer from the same address gets in."""
    s = lab.net(0, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT)
    before = len(os.listdir('/proc/%d/fd' % s.process.pid))

    def flood():
        socks = []
        for _ in range(500):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(('127.0.0.1', PORT))
            socks.append(sock)
        return socks
    silent = of.in_namespace(s.ns.name, flood)
    good = persistent(s)
    good.barrier()
    held = len(os.listdir('/proc/%d/fd' % s.process.pid)) - before
    assert held <= 12, held
    for sock in silent:
        sock.close()
    good.barrier()


def test_who_has_spoken_keeps_his_place(lab):
    """All have connected before the switch looks: the one that said HELLO is heard, however many silent ones stand behind it."""
    s = lab.net(0, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT)

    def dial():
        return socket.create_connection(('127.0.0.1', PORT), PATIENCE)
    os.kill(s.process.pid, signal.SIGSTOP)
    try:
        sock = of.in_namespace(s.ns.name, dial)
        sock.sendall(struct.pack('!BBHI', 4, 0, 8, 7))
        silent = of.in_namespace(s.ns.name, lambda: [dial() for _ in range(40)])
    finally:
        os.kill(s.process.pid, signal.SIGCONT)
    of.Client(sock, hello=False).barrier()
    for other in silent:
        other.close()


def test_a_peer_that_says_nothing_is_gone_after_ten_seconds(lab):
    s = lab.net(0, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT)
    began = time.monotonic()
    c = of.Client.connect(s, PORT, hello=False)
    assert closed(c)
    assert time.monotonic() - began > 9
    assert re.search(r'no HELLO within 10 s', s.log())


def test_the_ninth_passive_controller_is_told_so(lab):
    s = lab.net(0, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT)
    eight = [of.Client.connect(s, PORT) for _ in range(8)]
    ninth = of.Client.connect(s, PORT, features=False)
    m = ninth.next_raw()
    assert m[1] == ofp.OFPT_ERROR and m[8:12] == b'\0\0\0\1' and closed(ninth)  # HELLO_FAILED, EPERM
    left = s.log().count('the peer closed')
    eight[0].close()
    eventually(lambda: s.log().count('the peer closed') > left, s.log)
    of.Client.connect(s, PORT).barrier()


def test_a_full_management_socket_refuses_after_a_second(lab):
    s = lab.net(0, '--fail-mode', 'secure')
    eight = [of.Client.mgmt(s) for _ in range(8)]
    began = time.monotonic()
    ninth = of.Client.mgmt(s, features=False)
    assert time.monotonic() - began > 0.5
    m = ninth.next_raw()
    assert m[1] == ofp.OFPT_ERROR and m[8:12] == b'\0\0\0\1' and closed(ninth)
    eight[3].close()
    eventually(lambda: s.tool('show', check=False).returncode == 0, 'there is room again')


def test_no_descriptor_left_harms_nobody(lab):
    """Peers beyond the limit wait; who is connected is served, and the loop does not spin."""
    s = lab.net(0, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT)
    good = of.Client.connect(s, PORT)
    used = max(map(int, os.listdir('/proc/%d/fd' % s.process.pid)))
    labs.run('prlimit', '--pid', s.process.pid, '--nofile=%d:%d' % (used + 3, used + 3))

    def more():
        socks = [socket.socket() for _ in range(30)]
        for sock in socks:
            sock.setblocking(False)
            sock.connect_ex(('127.0.0.1', PORT))
        return socks
    socks = of.in_namespace(s.ns.name, more)
    mine = [socket.socket(socket.AF_UNIX) for _ in range(10)]
    for sock in mine:
        sock.connect(s.mgmt_path())
    eventually(lambda: 'cannot accept' in s.log(), s.log)

    def ticks():
        with open('/proc/%d/stat' % s.process.pid) as f:
            return sum(map(int, f.read().rsplit(')', 1)[1].split()[11:13]))
    before, began = ticks(), time.monotonic()
    for _ in range(20):
        good.barrier()
        time.sleep(0.1)
    spent = (ticks() - before) / os.sysconf('SC_CLK_TCK') / (time.monotonic() - began)
    assert spent < 0.5, spent
    for sock in socks + mine:
        sock.close()
    eventually(lambda: s.tool('show', check=False).returncode == 0, 'it serves again')


def test_only_root_its_user_and_its_group_may_use_the_sockets(lab):
    s = lab.net(0, '--fail-mode', 'secure')
    for path in (lab.dir, s.rundir):
        os.chmod(path, 0o755)
    for name in ('s1.mgmt', 's1.snoop'):
        path = os.path.join(s.rundir, name)
        assert os.stat(path).st_mode & 0o777 == 0o660
        os.chmod(path, 0o666)  # what the credentials say counts as well
        code = ('import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n'
                'sys.exit(0 if s.recv(16) else 3)')
        done = subprocess.run(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '/usr/bin/python3',
                               '-c', code, path], capture_output=True, text=True)
        assert done.returncode == 3, done
        assert subprocess.run(['/usr/bin/python3', '-c', code, path]).returncode == 0
    assert 'another user' in s.log()


def test_stale_sockets_are_taken_over_and_live_ones_are_not(lab):
    s = lab.net(0, '--fail-mode', 'secure')
    s.process.proc.kill()
    s.process.wait()
    assert os.path.exists(s.mgmt_path())
    again = labs.Switch(lab, s.ns, '--fail-mode', 'secure', rundir=s.rundir)
    again.tool('show')
    live = socket.socket(socket.AF_UNIX)
    path = os.path.join(again.rundir, 's2.mgmt')
    live.bind(path)
    live.listen()
    other = labs.Switch(lab, s.ns, name='s2', rundir=lab.folder(), wait=False)
    eventually(lambda: other.ready(), other.log)
    other.stop()
    os.rename(path, other.mgmt_path())
    third = labs.Switch(lab, s.ns, name='s2', rundir=other.rundir, wait=False)
    assert third.process.wait() != 0
    assert 'another process listens there' in third.log()
    os.unlink(other.mgmt_path())
    with open(other.mgmt_path(), 'w') as f:
        f.write('not a socket')
    fourth = labs.Switch(lab, s.ns, name='s2', rundir=other.rundir, wait=False)
    assert fourth.process.wait() != 0
    with open(other.mgmt_path()) as f:
        assert f.read() == 'not a socket'


def test_attempts_are_spaced(lab):
    """1, 2, 4 s, each 20 % more or less: no sooner, and not much later.  The log is written a little later than the clock is read."""
    s = lab.net(0, '--fail-mode', 'secure', '--controller', 'tcp:127.0.0.1:6653')

    def attempts():
        return [datetime.datetime.fromisoformat(t) for t in re.findall(r'^(\S+)Z .*Connection refused', s.log(), re.M)]
    eventually(lambda: len(attempts()) >= 4, s.log)
    times = attempts()
    for i, seconds in enumerate((1, 2, 4)):
        waited = (times[i + 1] - times[i]).total_seconds()
        assert 0.7 * seconds <= waited <= 1.2 * seconds + 5, (i, waited)


# ---- what is shown of it ----

def test_ovs_ofctl_snoop_shows_what_is_said(lab):
    labs.lab_need('ovs-ofctl')
    ns = lab.namespace()
    server = Server(ns)
    s = labs.Switch(lab, ns, '--fail-mode', 'secure', '--controller', 'tcp:127.0.0.1:6653')
    snoop = labs.Process(lab, ('ovs-ofctl', '-O', 'OpenFlow13', 'snoop', 'unix:' + os.path.join(s.rundir, 's1.snoop')),
                         lab.file('snoop'))
    c = server.accept()
    for _ in range(200):  # until the snooper is there
        c.do(flow(apply(output(1)), cookie=0x5eed))
        if 'cookie:0x5eed' in snoop.text():
            break
        time.sleep(0.1)
    assert 'OFPT_FLOW_MOD (OF1.3)' in snoop.text()
    eventually(lambda: 'OFPT_BARRIER_REPLY' in snoop.text(), snoop.text)
    snoop.stop()
    c.barrier()


# ---- floods ----

def test_a_flood_of_packet_ins_starves_neither_echoes_nor_a_quiet_port(lab):
    s = lab.net(2, '--fail-mode', 'secure', '--controller', 'ptcp:%d:127.0.0.1' % PORT, quiet=True)
    c = of.Client.connect(s, PORT)
    c.do(flow(apply(output(ofp.OFPP_CONTROLLER, 64)), priority=1))
    quiet = of.Cable(s.hosts[1])
    sender = s.hosts[0].start_traffic_later('flood', 'eth0', '6', '0200000000ff' + '020000000001' + '88b5' + '00' * 46)
    eventually(lambda: c.next_raw(0.1), 'the flood')
    times, sent, got, from_loud, xid = [], 0, 0, 0, 0
    end = time.monotonic() + 5
    while time.monotonic() < end:
        xid += 1
        asked = time.monotonic()
        c.send_raw(struct.pack('!BBHI', 4, ofp.OFPT_ECHO_REQUEST, 8, xid))
        quiet.send(bytes.fromhex('0200000000ff020000000002') + b'\x88\xb5' + bytes(46))
        sent += 1
        while True:
            m = c.next_raw()
            if m[1] == ofp.OFPT_ECHO_REPLY:
                assert struct.unpack_from('!I', m, 4)[0] == xid
                times.append(time.monotonic() - asked)
                break
            assert m[1] == ofp.OFPT_PACKET_IN
            port = struct.unpack_from('!I', m, 8 + 16 + 8)[0]
            got += port == 2
            from_loud += port == 1
        time.sleep(0.01)
    sender.stop()
    while got < sent * 0.8:  # the last ones of the quiet port may wait behind the flood
        m = c.next_raw()
        assert m, (got, sent)
        got += m[1] == ofp.OFPT_PACKET_IN and struct.unpack_from('!I', m, 8 + 16 + 8)[0] == 2
    times.sort()
    dropped = s.drops().get('packet-in-full', 0)
    print('echo p50 %.4f p99 %.4f s, %d packet-ins of the loud port, %d of %d of the quiet one, %d dropped' % (
        times[len(times) // 2], times[len(times) * 99 // 100], from_loud, got, sent, dropped))
    assert from_loud > 1000
    assert times[len(times) // 2] < 1.0  # it stays within 50 ms on an idle machine


def test_clients_that_never_read_cost_little(lab):
    """20 dumps of many flows each on eight connections that read nothing (A07)."""
    s = lab.net(0, '--fail-mode', 'secure')
    s.tool('add-flows', '-', stdin=''.join('priority=%d,tcp,tp_dst=%d,actions=output:1\n' % (i % 60000, i)
                                           for i in range(20000)))

    def rss():
        with open('/proc/%d/status' % s.process.pid) as f:
            return int(re.search(r'VmRSS:\s+(\d+)', f.read())[1])
    before = rss()
    deaf = [of.Client.mgmt(s) for _ in range(7)]
    for c in deaf:
        for _ in range(20):
            c.send(parser.OFPFlowStatsRequest(of.DP, 0, ofp.OFPTT_ALL, of.ANY, of.ANY, 0, 0, of.match()))
    good = of.Client.mgmt(s)
    for _ in range(20):
        good.barrier()
    assert rss() - before < 20 * 1024, rss() - before
    for c in deaf:  # and each gets all it asked for
        entries = ends = 0
        while ends < 20:
            m = c.next_raw()
            assert m and m[1] == ofp.OFPT_MULTIPART_REPLY
            at = 16
            while at < len(m):  # os-ken would be a minute at it
                entries, at = entries + 1, at + struct.unpack_from('!H', m, at)[0]
            ends += not struct.unpack_from('!H', m, 10)[0] & ofp.OFPMPF_REPLY_MORE
        assert entries == 20 * 20000
        break
