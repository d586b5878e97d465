# SPDX-License-Identifier: ISC
"""Fixtures: a lab per test, taken back afterwards; the logs of a failed test are shown with it."""

import importlib.util
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab as labs  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason='needs root for network namespaces'))


def pytest_sessionstart():
    if os.geteuid() == 0 and not os.path.exists(labs.program('rf-switchd')):
        raise pytest.UsageError('no rf-switchd in %s: set RINGFLOW_BUILD to the build folder' % labs.BUILD)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == 'call' and report.failed and 'lab' in item.funcargs:
        for name, text in item.funcargs['lab'].logs():
            report.sections.append(('end of ' + name, text))


@pytest.fixture
def lab():
    labs.lab_need('ip', 'ping')
    it = labs.Lab()
    yield it
    it.close()


@pytest.fixture
def osken():
    if not importlib.util.find_spec('os_ken'):
        pytest.skip('os-ken is not installed')


@pytest.fixture
def iperf3():
    labs.lab_need('iperf3')


@pytest.fixture(params=[1, 2], ids=['1worker', '2workers'])
def workers(request):
    return request.param
