# SPDX-License-Identifier: ISC
"""A real os-ken controller with the learning application of examples/, over TCP and over mutual TLS."""

import re

import pytest

from lab import Controller, Pki, Switch, eventually

pytestmark = pytest.mark.usefixtures('osken')

DIAL = ['--fail-mode', 'secure', '--max-backoff', '1']


def steered(s, controller):
    """Hosts talk, and the flows are the controller's."""
    eventually(s.connected, lambda: 'connection\n' + s.log() + controller.log())
    eventually(lambda: 'is here' in controller.log(), controller.log)
    a, b = s.hosts
    a.must_reach(b.v4, b.v6)
    eventually(lambda: s.tool('dump-flows').stdout.count('priority=1,') >= 2, lambda: s.tool('dump-flows').stdout)


def test_learning_over_tcp(lab, workers):
    s = lab.net(2, *DIAL, '--controller', 'tcp:127.0.0.1:6653', workers=workers)
    assert not s.hosts[0].reaches(s.hosts[1].v4)
    steered(s, Controller.tcp(lab, s.ns))


def test_the_switch_may_listen_too(lab):
    s = lab.net(2, '--fail-mode', 'secure', '--listen', 'ptcp:6699:127.0.0.1')
    c = Controller(lab, s.ns, '--ofp-tcp-listen-port', 6653, '--ofp-switch-address-list', '127.0.0.1:6699')
    steered(s, c)


def test_the_controller_hears_of_ports(lab):
    s = lab.net(2, *DIAL, '--controller', 'tcp:127.0.0.1:6653')
    c = Controller.tcp(lab, s.ns)
    steered(s, c)
    s.hosts[1].ip('link', 'set', 'eth0', 'down')
    eventually(lambda: re.search(r'port 2 \(p2\).*: down', c.log()), c.log)
    s.hosts[1].ip('link', 'set', 'eth0', 'up')
    eventually(lambda: re.search(r'port 2 \(p2\).*: up', c.log()), c.log)
    s.hosts[0].must_reach(s.hosts[1].v4)


def test_it_comes_back_after_the_controller_did(lab):
    s = lab.net(2, *DIAL, '--controller', 'tcp:127.0.0.1:6653')
    c = Controller.tcp(lab, s.ns)
    steered(s, c)
    c.stop()
    eventually(lambda: not s.connected(), 'the loss is seen')
    steered(s, Controller.tcp(lab, s.ns))


def test_two_controllers_at_once(lab):
    s = lab.net(2, *DIAL, '--controller', 'tcp:127.0.0.1:6653', '--controller', 'tcp:127.0.0.1:6655')
    c, d = Controller.tcp(lab, s.ns), Controller.tcp(lab, s.ns, port=6655)
    for one in (c, d):
        eventually(lambda one=one: 'is here' in one.log(), one.log)
    s.hosts[0].must_reach(s.hosts[1].v4)


class Keys(Pki):
    def __init__(self, lab):
        super().__init__(lab)
        self.sw, self.ctl = self.pair('sw', 'switch'), self.pair('ctl', 'controller')

    def controller(self, lab, ns, pair=None, ca=None):
        return Controller.tls(lab, ns, *(pair or self.ctl), ca or self.switch_ca)


def dial(pair, ca):
    words = [*DIAL, '--controller', 'ssl:127.0.0.1:6653', '--ca-cert', ca]
    return words + (['--private-key', pair[0], '--certificate', pair[1]] if pair else [])


def test_learning_over_mutual_tls(lab, workers):
    keys = Keys(lab)
    s = lab.net(2, *dial(keys.sw, keys.controller_ca), workers=workers)
    assert not s.hosts[0].reaches(s.hosts[1].v4)
    steered(s, keys.controller(lab, s.ns))


def refused(s, words):
    """The log names the cause, and no controller steers."""
    eventually(lambda: re.search(words, s.log(), re.I), lambda: s.log()[-3000:])
    assert not s.connected()
    assert not s.hosts[0].reaches(s.hosts[1].v4)


def test_a_controller_of_another_authority_is_refused(lab):
    keys, foreign = Keys(lab), Pki(lab)
    s = lab.net(2, *dial(keys.sw, foreign.controller_ca))
    keys.controller(lab, s.ns)
    refused(s, r'certificate verify failed|not signed by|certificate.*(authority|issuer|CA\b)')


def test_an_expired_controller_is_refused(lab):
    keys = Keys(lab)
    old = keys.pair('old', 'controller', days=0)
    s = lab.net(2, *dial(keys.sw, keys.controller_ca))
    keys.controller(lab, s.ns, pair=old)
    refused(s, r'expired')


def test_a_switch_without_certificate_is_refused_and_says_so(lab):
    keys = Keys(lab)
    s = lab.net(2, *dial(None, keys.controller_ca), wait=False)
    keys.controller(lab, s.ns)
    eventually(lambda: re.search(r'certificate', s.log(), re.I), lambda: s.log()[-3000:])
    assert not s.process.alive() or not s.connected()


def test_a_switch_of_another_authority_is_refused_and_says_so(lab):
    keys, foreign = Keys(lab), Pki(lab)
    s = lab.net(2, *dial(foreign.pair('sw', 'switch'), keys.controller_ca))
    keys.controller(lab, s.ns)
    refused(s, r'unknown ca|certificate')


def test_an_expired_switch_is_refused_and_says_so(lab):
    keys = Keys(lab)
    s = lab.net(2, *dial(keys.pair('old', 'switch', days=0), keys.controller_ca))
    keys.controller(lab, s.ns)
    refused(s, r'expired')


def test_renewed_certificates_are_read_on_sighup(lab):
    import shutil
    import signal
    keys, foreign = Keys(lab), Pki(lab)
    wrong = foreign.pair('sw', 'switch')
    s = lab.net(2, *dial(wrong, keys.controller_ca))
    c = keys.controller(lab, s.ns)
    eventually(lambda: re.search('certificate|unknown ca', s.log(), re.I), s.log)
    for new, old in zip(keys.sw, wrong):
        shutil.copyfile(new, old)
    s.process.proc.send_signal(signal.SIGHUP)
    steered(s, c)


def test_a_plain_controller_on_the_tls_port_is_refused(lab):
    keys = Keys(lab)
    s = lab.net(2, *dial(keys.sw, keys.controller_ca))
    Controller.tcp(lab, s.ns)
    eventually(lambda: re.search(r'TLS|SSL', s.log()), lambda: s.log()[-2000:])
    assert not s.connected()
