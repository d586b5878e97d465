# SPDX-License-Identifier: ISC
"""ryu_load.py INTERFACE RATE SECONDS < FRAMES: puts frames on the tester's cable at an even rate.

FRAMES: each frame after its length (four bytes, big-endian); they are sent in turn, again and again.  Prints "ready", begins at a line
on a second descriptor (3), and ends with one line of what it did.  The tool's own sender, PACKET_OUT messages from Python, is 5 to
8 % slow, of the 10 % that the patterns allow."""

import os
import socket
import struct
import sys
import time

LATE = 0.05  # seconds behind the plan that are worth telling


def read_frames(data):
    frames, at = [], 0
    while at < len(data):
        n, = struct.unpack_from('!I', data, at)
        frames.append(data[at + 4:at + 4 + n])
        at += 4 + n
    return frames


def main(interface, rate, seconds):
    frames = read_frames(sys.stdin.buffer.read())
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((interface, 0))
    print('ready', flush=True)
    if not os.read(3, 1):
        return  # who asked has gone
    total, sent, late, refused = int(rate * seconds), 0, 0, 0
    begin = time.monotonic()
    while sent < total:
        due = min(total, int((time.monotonic() - begin) * rate) + 1)
        late += due - sent > rate * LATE
        for n in range(sent, due):
            try:
                s.send(frames[n % len(frames)])
            except OSError:
                refused += 1
        sent = due
        time.sleep(max(0.0005, begin + sent / rate - time.monotonic()))
    print('%d frames in %.2f s, late %d times, %d refused' % (sent, time.monotonic() - begin, late, refused), flush=True)


if __name__ == '__main__':
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
