# SPDX-License-Identifier: ISC
"""TLS beyond the happy path: files that are no use, names, old versions, and peers that speak something else."""

import os
import re
import socket
import subprocess
import time

import lab as labs
import openflow as of
import pytest
from lab import Pki, eventually

PORT = 6654


class Keys(Pki):
    def __init__(self, lab):
        super().__init__(lab)
        self.sw, self.ctl = self.pair('sw', 'switch'), self.pair('ctl', 'controller')

    def options(self, key=None, cert=None, ca=None):
        return ('--private-key', key or self.sw[0], '--certificate', cert or self.sw[1], '--ca-cert', ca or self.controller_ca)

    def signed_for(self, name, *names):
        """A controller's certificate with these subject alternative names."""
        key, cert, conf = (os.path.join(self.dir, name + e) for e in ('-privkey.pem', '-cert.pem', '.ext'))
        with open(conf, 'w') as f:
            f.write('subjectAltName=' + ','.join(names))
        ca = os.path.dirname(self.controller_ca)
        subprocess.run('openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout %s 2>/dev/null |'
                       'openssl x509 -req -CA %s/cacert.pem -CAkey %s/cakey.pem -days 9 -set_serial 77 -extfile %s -out %s'
                       % (key, ca, ca, conf, cert), shell=True, check=True, capture_output=True)
        return key, cert


@pytest.fixture
def keys(lab):
    return Keys(lab)


@pytest.mark.parametrize('fault', ['absent', 'text', 'cut', 'foreign', 'encrypted', 'cert', 'ca', 'ciphers'])
def test_files_that_are_no_use_are_named_with_the_reason(lab, keys, fault):
    bad = lab.file('bad.pem')
    options, words = {
        'absent': (dict(key=bad), r'private key .*bad\.pem.*: No such file'),
        'text': (dict(key=bad), r'private key .*bad\.pem.*: not in PEM format'),
        'cut': (dict(key=bad), r'private key .*bad\.pem.*: not in PEM format, cut off'),
        'foreign': (dict(key=keys.ctl[0]), r'the private key .*ctl-privkey\.pem does not belong to the certificate .*sw-cert\.pem'),
        'encrypted': (dict(key=bad), r'private key .*bad\.pem.*encrypted'),
        'cert': (dict(cert=bad), r'certificate .*bad\.pem.*: not in PEM format'),
        'ca': (dict(ca=bad), r'CA certificate .*bad\.pem'),
        'ciphers': ({}, r'ciphers nonsense: none of them is known'),
    }[fault]
    if fault in ('text', 'cert', 'ca'):
        with open(bad, 'w') as f:
            f.write('this is no key\n')
    if fault == 'cut':
        with open(keys.sw[0]) as f, open(bad, 'w') as g:
            g.write(f.read()[:120])
    if fault == 'encrypted':
        labs.run('openssl', 'ec', '-in', keys.sw[0], '-aes128', '-passout', 'pass:secret', '-out', bad)
    s = labs.Switch(lab, lab.namespace(), '--controller', 'ssl:127.0.0.1', *keys.options(**options),
                    *(('--ciphers', 'nonsense') if fault == 'ciphers' else ()), wait=False)
    assert s.process.wait() != 0  # and it does not wait for somebody to type a passphrase
    assert re.search(words, s.log()), s.log()


def test_a_key_that_everybody_can_read_is_warned_of(lab, keys):
    os.chmod(keys.sw[0], 0o644)
    s = labs.Switch(lab, lab.namespace(), '--controller', 'ssl:127.0.0.1', *keys.options())
    assert re.search(r'sw-privkey\.pem can be read by everybody', s.log())


def client(s, keys, *options):
    """openssl s_client as a controller that dials; what it prints."""
    return s.ns.sh('timeout', '60', 'openssl', 's_client', '-connect', '127.0.0.1:%d' % PORT, '-key', keys.ctl[0], '-cert', keys.ctl[1],
                   '-CAfile', keys.switch_ca, *options, check=False, stdin='').stdout


def test_old_versions_and_tickets_are_not_to_be_had(lab, keys):
    s = labs.Switch(lab, lab.namespace(), '--listen', 'pssl:%d:127.0.0.1' % PORT, *keys.options())
    for version in ('-tls1', '-tls1_1'):
        assert 'Cipher is (NONE)' in client(s, keys, version, '-cipher', 'ALL:@SECLEVEL=0')
    for version, name in (('-tls1_2', 'TLSv1.2'), ('-tls1_3', 'TLSv1.3')):
        out = client(s, keys, version)
        assert 'New, %s, Cipher is' % name in out and 'Verify return code: 0' in out, out
        assert 'session ticket:' not in out and 'Compression: NONE' in out and 'Early data was not sent' in out + 'Early data was not sent'
    assert 'Cipher is (NONE)' in client(s, keys, '-tls1_2', '-cipher', 'NULL:aNULL:RC4:3DES:@SECLEVEL=0')
    for cert in ([], ['-cert', keys.sw[1], '-key', keys.sw[0]]):  # none, and one of another authority
        out = s.ns.sh('timeout', '60', 'openssl', 's_client', '-tls1_2', '-connect', '127.0.0.1:%d' % PORT, *cert, check=False,
                      stdin='')
        assert re.search('alert|handshake failure|unknown ca', out.stdout + out.stderr, re.I)
    eventually(lambda: re.search(r'showed no certificate', s.log()) and re.search(r'not signed by the configured CA', s.log()), s.log)


def first_words(s, words):
    """Dials, says something, and waits for the end; returns the seconds it took."""
    sock = of.in_namespace(s.ns.name, lambda: socket.create_connection(('127.0.0.1', PORT), 10))
    began = time.monotonic()
    sock.sendall(words)
    try:
        while sock.recv(4096):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - began


TLS_HELLO = bytes.fromhex('1603010200010001fc0303') + bytes(32)


@pytest.mark.parametrize('words, hint', [(TLS_HELLO, 'speaks TLS'), (b'GET / HTTP/1.1\r\n\r\n', 'speaks HTTP'),
                                         (b'SSH-2.0-OpenSSH\r\n', 'first message must be HELLO')], ids=['tls', 'http', 'ssh'])
def test_a_stranger_on_the_plain_port_is_told_at_once(lab, words, hint):
    s = labs.Switch(lab, lab.namespace(), '--listen', 'ptcp:%d:127.0.0.1' % PORT)
    assert first_words(s, words) < 5
    eventually(lambda: hint in s.log(), s.log)


@pytest.mark.parametrize('listen, warned', [('ptcp:', 'change the flows'), ('ptcp:6654,read-only', 'look at the flows'),
                                            ('ptcp:6653:127.0.0.1', None), ('ptcp:6653:[::]', None), ('pssl:', None)])
def test_who_opens_the_switch_to_everybody_is_warned(lab, keys, listen, warned):
    s = labs.Switch(lab, lab.namespace(), '--listen', listen, *keys.options())
    said = re.findall(r'warn .*listens on all of this host.*may (.*?):', s.log())
    assert said == ([warned] if warned else []), s.log()


def test_a_plain_hello_on_the_tls_port_is_told_at_once(lab, keys):
    s = labs.Switch(lab, lab.namespace(), '--listen', 'pssl:%d:127.0.0.1' % PORT, *keys.options())
    assert first_words(s, b'\4\0\0\x08\0\0\0\1') < 5
    eventually(lambda: re.search(r'does not speak TLS', s.log()), s.log)


@pytest.mark.parametrize('names, taken', [(('IP:127.0.0.1',), True), (('IP:127.0.0.2', 'DNS:ctl'), False)], ids=['right', 'wrong'])
def test_the_name_is_looked_at_when_asked(lab, keys, names, taken):
    key, cert = keys.signed_for('named', *names)
    ns = lab.namespace()
    s = labs.Switch(lab, ns, '--controller', 'ssl:127.0.0.1:6653,verify-name', '--max-backoff', 1, *keys.options())
    labs.Controller.tls(lab, ns, key, cert, keys.switch_ca)
    if taken:
        eventually(s.connected, s.log)
    else:
        eventually(lambda: re.search(r'certificate was refused: .*(mismatch|name)', s.log(), re.I), s.log)
        assert not s.connected()


def test_a_bad_reload_keeps_the_old_certificates(lab, keys):
    import shutil
    import signal
    ns = lab.namespace()
    config = lab.file('conf')
    with open(config, 'w') as f:
        f.write('bridge s1 {\n dpid = 1\n local = no\n controller = { "ssl:127.0.0.1:6653" }\n max-backoff = 1\n private-key = "%s"\n '
                'certificate = "%s"\n ca-cert = "%s"\n}\n' % (*keys.sw, keys.controller_ca))
    s = labs.Switch(lab, ns, '--config', config)
    c = labs.Controller.tls(lab, ns, *keys.ctl, keys.switch_ca)
    eventually(s.connected, s.log)
    saved = lab.file('key')
    shutil.copyfile(keys.sw[0], saved)
    shutil.copyfile(keys.ctl[0], keys.sw[0])
    s.process.proc.send_signal(signal.SIGHUP)
    eventually(lambda: 'does not belong to the certificate' in s.log(), s.log)
    assert s.connected()  # the session stays
    c.stop()
    eventually(lambda: not s.connected(), s.log)
    labs.Controller.tls(lab, ns, *keys.ctl, keys.switch_ca)
    eventually(s.connected, s.log)  # and the next one still uses the old pair
