# SPDX-License-Identifier: ISC
"""An os-ken application: the switch test tool of os-ken (Ryu), driven through chosen pattern files, each case's result written down.

The tool's checks are its own; what is changed here are three faults of the tool (README), its sender of load, and that a surprise in
one case would end the whole run.  Started by ryu.py, which hands over its settings as JSON in RYU_APP."""

import json
import logging
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import ryu_patterns as patterns  # noqa: E402
from os_ken.lib import hub  # noqa: E402
from os_ken.lib.packet import sctp  # noqa: E402
from os_ken.tests.switch import tester  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SET = json.loads(os.environ['RYU_APP'])


def crc32c(data):
    """RFC 3309, as the number that its field reads in network order."""
    crc = 0xffffffff
    for byte in bytes(data):
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82f63b78 * (crc & 1))
    return struct.unpack('!I', struct.pack('<I', crc ^ 0xffffffff))[0]


if SET['mend']:
    sctp.sctp._checksum = lambda self, data: crc32c(data)  # the tool sums the text of the bytes, not the bytes


class Verdict(logging.Handler):
    """The tool tells a case's result to its log only."""

    def __init__(self):
        super().__init__()
        self.ok, self.told, self.reason = False, False, ''

    def emit(self, record):
        args = record.args if isinstance(record.args, tuple) else ()
        if len(args) == 2 and args[1] in (tester.TEST_OK, tester.TEST_ERROR):
            self.ok, self.told = args[1] == tester.TEST_OK, True
        elif len(args) == 1 and self.told and not self.ok and not self.reason:
            self.reason = str(args[0])


class Load:
    """Frames for one throughput case: made and waiting when created, sent by run()."""

    def __init__(self, packets):
        rate, seconds = packets[tester.KEY_PKTPS], SET['duration'] or packets[tester.KEY_DURATION_TIME]
        self.go_end, go = os.pipe()
        with tempfile.TemporaryFile() as frames:
            for n in range(rate * seconds if packets['randomize'] else 1):
                frame = packets['packet_binary']
                if packets['randomize']:
                    # the patterns are expressions by design, evaluated as the tool does
                    packet = eval('/'.join(packets['packet_text']), dict(vars(tester)))
                    packet.serialize()
                    frame = bytes(packet.data)
                frames.write(struct.pack('!I', len(frame)) + frame)
                if n % 64 == 0:
                    hub.sleep(0)
            frames.seek(0)
            os.set_inheritable(self.go_end, True)
            shell = 'exec 3<&%d "$@"' % self.go_end
            self.proc = subprocess.Popen(
                ['sh', '-c', shell, 'sh', 'ip', 'netns', 'exec', SET['tester_ns'], sys.executable, '-B',
                 os.path.join(HERE, 'ryu_load.py'), SET['tester_port'], str(rate), str(seconds)],
                stdin=frames, stdout=subprocess.PIPE, pass_fds=(self.go_end,))
        os.close(self.go_end)
        self.go = go
        self.proc.stdout.readline()

    def run(self):
        os.write(self.go, b'.')
        while self.proc.poll() is None:
            hub.sleep(0.02)
        return self.proc.stdout.read().decode().strip()

    def close(self):
        os.close(self.go)  # not begun: it ends
        self.proc.wait()
        self.proc.stdout.close()


class RyuApp(tester.OfTester):

    def _test_sequential_execute(self, test_dir):
        try:
            self.run_all()
        except Exception:
            self.logger.exception('the run ended early')
        self._test_end()

    def cases(self):
        for root, path in SET['files']:
            for test in tester.TestFile(os.path.join(root, path), self.logger).tests:
                if re.search(SET['case'], '%s %s' % (path, test.description)):
                    yield path, test

    def run_all(self):
        out, begin, bad = patterns.Results(SET['out']), time.time(), 0
        chosen = list(self.cases())
        every = max(1, len(chosen) // SET['sample']) if SET['sample'] else 1
        chosen = chosen[::every]
        for path, test in chosen:
            start = time.time()
            reason = self.one(test)
            bad += reason != ''
            out.case(path, test.description, reason, time.time() - start)
        out.end('%d of %d OK, %d s, %s' % (len(chosen) - bad, len(chosen), time.time() - begin, SET['how']))

    def both_are_here(self):
        return not any(isinstance(sw.dp, tester.DummyDatapath) for sw in (self.target_sw, self.tester_sw))

    def one(self, test):
        """Returns '' or why it failed."""
        end = time.time() + 30
        while not self.both_are_here():
            if time.time() > end:
                return 'rig: a switch is not connected'
            hub.sleep(0.05)
        verdict, self.loads = Verdict(), {}
        self.logger.addHandler(verdict)
        try:
            for step in test.tests:
                if tester.KEY_PACKETS in step:
                    self.loads[id(step)] = Load(step[tester.KEY_PACKETS])
            self._test_execute(test, None)
        except Exception as e:  # an assertion of the tool about what it received
            self.waiter = None
            self.logger.exception('the tool')
            return 'rig: %s %s %s' % (type(e).__name__, e, [type(m).__name__ for m in self.rcv_msgs])
        finally:
            self.logger.removeHandler(verdict)
            for load in self.loads.values():
                load.close()
        return '' if verdict.ok else verdict.reason or 'rig: no verdict'

    def _continuous_packet_send(self, step):
        self.logger.info('load: %s', self.loads[id(step)].run())
        hub.sleep(0.15)  # the tester's counters follow within 100 ms

    def _wait(self):
        super()._wait()
        if SET['mend']:
            for message in self.rcv_msgs:
                if type(message).__name__ == 'OFPPacketIn':
                    # as an Ethernet cable pads it: the expected frame was padded when the pattern was read
                    message.data = type(message.data)(bytes(message.data).ljust(60, b'\0'))
