# SPDX-License-Identifier: ISC
"""The Mininet class of examples/: links with gaps in their numbers, attach and detach, the tool.

Never run the program mn here: its clean-up ends processes and removes files of the whole machine by name.  The Python
interface does not, and it runs in a network and a process namespace of its own, so that nothing outlives the test."""

import importlib.util
import os
import shutil
import sys

import pytest

from lab import BUILD, HERE, TOP, eventually, run

pytestmark = pytest.mark.skipif(not importlib.util.find_spec('mininet') or not shutil.which('mnexec'),
                                reason='mininet is not installed')


def reaches(a, b):
    eventually(lambda: ', 0% packet loss' in a.cmd('ping -c 2 -W 5', b.IP()), '%s reaches %s' % (a, b))


def scenario():
    """Inside the namespaces."""
    sys.path.insert(0, os.path.join(TOP, 'examples'))
    from mininet.net import Mininet
    from mininet_ringflow import RingflowSwitch

    Mininet.inited = True  # it would raise limits of the whole machine
    run('ip', 'link', 'set', 'lo', 'up')
    RingflowSwitch.setup()
    net = Mininet(switch=RingflowSwitch, controller=None, autoSetMacs=True)
    h1, h2, h3 = (net.addHost('h%d' % n) for n in (1, 2, 3))
    s1, s2 = (net.addSwitch('s%d' % n, fail_mode='standalone') for n in (1, 2))
    net.addLink(h1, s1, port2=3)
    net.addLink(h2, s2, port2=1)
    net.addLink(s1, s2, port1=7, port2=5)
    net.start()
    assert net.waitConnected(timeout=20)
    assert net.pingAll(timeout=5) > 0  # the third host has no cable yet
    reaches(h1, h2)
    assert '3(s1-eth3)' in s1.dpctl('show') and '7(s1-eth7)' in s1.dpctl('show')

    link = net.addLink(h3, s1, port2=9)
    h3.configDefault(ip='10.0.0.3/8')
    s1.attach(link.intf2)
    assert '9(s1-eth9)' in s1.dpctl('show')
    reaches(h3, h2)
    s1.detach(link.intf2)
    assert '9(s1-eth9)' not in s1.dpctl('show')
    net.stop()
    assert not os.listdir(os.environ['TMPDIR'])
    print('scenario: done')


def test_links_attach_detach(lab):
    env = dict(os.environ, RINGFLOW_SBIN=BUILD, RINGFLOW_BIN=BUILD, TMPDIR=lab.folder())
    done = run('unshare', '--net', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc', '/usr/bin/python3', '-B',
               os.path.join(HERE, 'test_mininet.py'), check=False, limit=300, env=env)
    text = done.stdout + done.stderr
    assert done.returncode == 0 and 'scenario: done' in text, text[-3000:]


if __name__ == '__main__':
    scenario()
