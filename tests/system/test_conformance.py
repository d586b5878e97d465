# SPDX-License-Identifier: ISC
"""Short forms of what tests/conformance does at length."""

import os
import subprocess
import sys

import pytest

import lab as labs

RIG = os.path.join(labs.TOP, 'tests', 'conformance')
sys.path.insert(0, RIG)

import ovs  # noqa: E402
import ryu_patterns  # noqa: E402


def ryu(tmp_path, *words):
    if ovs.missing():
        pytest.skip('not installed: ' + ovs.missing())
    done = subprocess.run([sys.executable, '-B', os.path.join(RIG, 'ryu.py'), '--out', str(tmp_path / 'results.tsv'), *words],
                          capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_patterns_of_our_own(tmp_path, osken, workers):
    assert ' OK, ' in ryu(tmp_path, '--own', '--workers', str(workers))


def test_beside_open_vswitch(workers):
    if ovs.missing():
        pytest.skip('not installed: ' + ovs.missing())
    done = subprocess.run([sys.executable, '-B', os.path.join(RIG, 'differential.py'), '--pipelines', '60', '--workers', str(workers)],
                          capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr


# Ryu's patterns are not in this tree: where they are, a sample of those without load is taken.
if ryu_patterns.folder():
    def test_sample_of_the_ryu_patterns(tmp_path, osken):
        ryu(tmp_path, 'action', 'match', '--sample', '50')
