# SPDX-License-Identifier: ISC
"""tapwire.py NETNS DEVICE NETNS DEVICE OFFLOADS: two TAP devices joined by a program, as virtual machine monitors and VPNs do.

OFFLOADS: plain (no virtio-net header), or what the program says it takes: none, or csum, tso4, tso6, ecn with commas."""

import fcntl
import os
import select
import struct
import sys

TUNSETIFF, TUNSETOFFLOAD = 0x400454ca, 0x400454d0
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x2, 0x1000, 0x4000
BITS = {'none': 0, 'csum': 1, 'tso4': 2, 'tso6': 4, 'ecn': 8}


def tap(netns, name, offloads):
    with open('/run/netns/' + netns) as f:
        os.setns(f.fileno(), 0x40000000) if hasattr(os, 'setns') else setns(f.fileno())
    fd = os.open('/dev/net/tun', os.O_RDWR)
    flags = IFF_TAP | IFF_NO_PI | (0 if offloads == 'plain' else IFF_VNET_HDR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH14x', name.encode(), flags))
    if offloads != 'plain':
        fcntl.ioctl(fd, TUNSETOFFLOAD, sum(BITS[word] for word in offloads.split(',')))
    return fd


def setns(fd):
    import ctypes
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), 'setns')


def main(ns1, name1, ns2, name2, offloads):
    one, two = tap(ns1, name1, offloads), tap(ns2, name2, offloads)
    print('ready', flush=True)
    while True:
        for fd in select.select([one, two], [], [])[0]:
            try:
                os.write(two if fd == one else one, os.read(fd, 70000))
            except OSError:  # the other end is down
                pass


main(*sys.argv[1:])
