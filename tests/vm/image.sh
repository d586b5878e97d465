#!/bin/bash
# SPDX-License-Identifier: ISC
# image.sh CACHE: a Debian with its own kernel, as CACHE/{root.img,vmlinuz,initrd}, made once.
#
# VM_SUITE: bookworm (Debian 12, Linux 6.1; the default) or a later one, such as trixie (Debian 13, Linux 6.12).
# It holds what rf-switchd needs at run time and what guest.py calls, nothing of Ringflow.  At boot it mounts the second disk and
# runs /start from it.
set -eu
CACHE=${1:?usage: image.sh CACHE}
SUITE=${VM_SUITE:-bookworm}
MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
PACKAGES=systemd,systemd-sysv,dbus,udev,kmod,linux-image-amd64,iproute2,iputils-ping,iperf3,tcpdump,ethtool,procps,python3,openssl
PACKAGES=$PACKAGES,libnl-3-200,libnl-route-3-200,libconfuse2,libjansson4,libseccomp2,libcap-ng0,openvswitch-common,ca-certificates
T64=t64 # the suffix of libraries since the change of time_t, in Debian 13
[ "$SUITE" != bookworm ] || T64=
PACKAGES=$PACKAGES,libevent-2.1-7$T64,libevent-extra-2.1-7$T64,libevent-openssl-2.1-7$T64
[ ! -e "$CACHE/root.img" ] || exit 0
mkdir -p "$CACHE"
root=$(mktemp -d "$CACHE/root.XXXXXX")
trap 'rm -rf "$root"' EXIT
echo "making the image of Debian's $SUITE in $CACHE (once, some minutes)"
debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$root" "$MIRROR" >"$CACHE/debootstrap.log" 2>&1 || {
	tail -5 "$CACHE/debootstrap.log" >&2
	exit 1
}
rm -f "$root"/var/cache/apt/archives/*.deb
echo ringflow-vm >"$root/etc/hostname"
printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
cat >"$root/etc/systemd/system/second-disk.service" <<'END'
[Unit]
Description=What the second disk brings
After=multi-user.target
[Service]
Type=idle
ExecStart=/bin/sh -c 'mount /dev/vdb /mnt && exec /mnt/start'
StandardOutput=journal+console
StandardError=journal+console
[Install]
WantedBy=multi-user.target
END
ln -s ../second-disk.service "$root/etc/systemd/system/multi-user.target.wants/second-disk.service"
ln -sf /dev/null "$root/etc/systemd/system/systemd-networkd-wait-online.service"
cp -L "$root"/vmlinuz "$CACHE/vmlinuz"
cp -L "$root"/initrd.img "$CACHE/initrd"
mke2fs -q -t ext4 -d "$root" "$CACHE/root.new" 6G
mv "$CACHE/root.new" "$CACHE/root.img"
