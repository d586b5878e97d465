# SPDX-License-Identifier: ISC
"""The Mininet class of examples/: links with gaps in their numbers, attach and detach, a controller."""

import importlib.util
import os

import pytest

from lab import BUILD, TOP, run

pytestmark = pytest.mark.skipif(not importlib.util.find_spec('mininet') or not __import__('shutil').which('mnexec'),
                                reason='mininet is not installed')


def test_pingall_without_a_controller(lab):
    env = dict(os.environ, RINGFLOW_SBIN=BUILD, RINGFLOW_BIN=BUILD)
    import subprocess
    done = subprocess.run(['unshare', '-n', 'sh', '-c', 'ip link set lo up; exec mn --custom "$0" --switch '
                           'ringflow,fail_mode=standalone --controller none --topo linear,2 --test pingall',
                           os.path.join(TOP, 'examples', 'mininet_ringflow.py')],
                          env=env, capture_output=True, text=True, timeout=180)
    text = done.stdout + done.stderr
    assert '0% dropped' in text and 'Traceback' not in text, text[-3000:]
    assert run('ls', '/tmp').stdout.count('ringflow.s1.') == 0
