# SPDX-License-Identifier: ISC
"""rf-ofctl and a switch that another project made: it is sent what OpenFlow 1.3 defines, and nothing else."""

import socket
import struct
import threading

import os_ken.ofproto.ofproto_v1_3 as ofp
import pytest

from lab import PATIENCE, program, run

HELLO = struct.pack('!BBHIHHI', 4, ofp.OFPT_HELLO, 16, 1, 1, 8, 1 << 4)


class Impostor:
    """A switch without flows of that manufacturer, for one connection.  'seen' is what it was asked: (message, multipart type)."""

    def __init__(self, path, maker):
        self.maker, self.seen = maker, []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(1)
        self.listener.settimeout(PATIENCE)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with self.listener, self.listener.accept()[0] as sock, sock.makefile('rwb') as f:
            f.write(HELLO)
            f.flush()
            while len(head := f.read(8)) == 8:
                _, kind, length, xid = struct.unpack('!BBHI', head)
                body = f.read(length - 8)
                if kind == ofp.OFPT_HELLO:
                    continue
                what = struct.unpack('!H', body[:2])[0] if kind == ofp.OFPT_MULTIPART_REQUEST else None
                self.seen.append((kind, what))
                f.write(self.answer(kind, what, xid, head + body))
                f.flush()

    def answer(self, kind, what, xid, request):
        if what == ofp.OFPMP_DESC and self.maker:
            body = struct.pack('!HH4x256s256s256s32s256s', what, 0, self.maker.encode(), b'x', b'x', b'x', b'x')
        elif what == ofp.OFPMP_FLOW:
            body = struct.pack('!HH4x', what, 0)
        else:
            body = struct.pack('!HH', ofp.OFPET_BAD_REQUEST, ofp.OFPBRC_BAD_MULTIPART) + request[:64]
            return struct.pack('!BBHI', 4, ofp.OFPT_ERROR, 8 + len(body), xid) + body
        return struct.pack('!BBHI', 4, ofp.OFPT_MULTIPART_REPLY, 8 + len(body), xid) + body

    def close(self):
        self.thread.join()


@pytest.mark.parametrize('maker', ['Nicira, Inc.', 'Ringflow', None])
def test_a_foreign_switch_is_asked_nothing_of_ours(lab, maker):
    path = lab.file('foreign')
    switch = Impostor(path, maker)
    done = run(program('rf-ofctl'), 'dump-flows', 'unix:' + path)
    switch.close()
    assert 'flow' not in done.stdout and not done.stderr, done  # no entry, and the refused question is nobody's business
    assert switch.seen == [(ofp.OFPT_MULTIPART_REQUEST, ofp.OFPMP_DESC), (ofp.OFPT_MULTIPART_REQUEST, ofp.OFPMP_FLOW)]


def test_one_of_ours_is_told_that_importances_can_be_read(lab):
    path = lab.file('ours')
    switch = Impostor(path, 'Ringflow project')
    run(program('rf-ofctl'), 'dump-flows', 'unix:' + path)
    switch.close()
    assert (ofp.OFPT_MULTIPART_REQUEST, ofp.OFPMP_EXPERIMENTER) in switch.seen, switch.seen
