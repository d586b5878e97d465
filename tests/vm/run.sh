#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh BUILD-FOLDER CACHE [TEST...]: boots a Debian with its own kernel in QEMU, installs the build there, runs guest.py.
#
# VM_SUITE: Debian 12 (bookworm), or a later one (image.sh); its image is in CACHE/SUITE.
# Everything is in a network namespace of its own and ends with this script.  VM_ACCEL=kvm where there is KVM; without it the
# processor is emulated, which takes some minutes.  Exit status 77: skipped.
set -u
BUILD=$(cd "${1:?usage: run.sh BUILD-FOLDER CACHE [TEST...]}" && pwd)
CACHE=${2:?usage: run.sh BUILD-FOLDER CACHE [TEST...]}
shift 2
[ -n "${RINGFLOW_VM_NETNS:-}" ] || CACHE=$CACHE/${VM_SUITE:-bookworm}
HERE=$(cd "$(dirname "$0")" && pwd)
LIMIT=${VM_LIMIT:-1500} # seconds
PORTS="1 2 3 4 5"

skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root (network namespaces, debootstrap)"
for p in qemu-system-x86_64 debootstrap mke2fs unshare; do
	command -v $p >/dev/null || skip "$p is not installed (apt-get install qemu-system-x86 debootstrap e2fsprogs)"
done
if [ -z "${RINGFLOW_VM_NETNS:-}" ]; then
	bash "$HERE/image.sh" "$CACHE" || { echo "the image could not be made" >&2; exit 1; }
	RINGFLOW_VM_NETNS=1 exec unshare -n --kill-child -f bash "$0" "$BUILD" "$CACHE" "$@"
fi

DIR=$(mktemp -d)
QEMU=
clean() {
	[ -z "$QEMU" ] || kill "$QEMU" 2>/dev/null
	rm -rf "$DIR"
}
trap clean EXIT
trap 'exit 130' INT TERM

# the second disk: what `make install` installs, the tests
mkdir "$DIR/disk"
make -C "$BUILD" -s install DESTDIR="$DIR/disk/install" >"$DIR/install.log" 2>&1 || { tail -5 "$DIR/install.log" >&2; exit 1; }
cp "$HERE/guest.py" "$HERE/kernel.py" "$HERE/../system/lab.py" "$HERE/../system/traffic.py" "$DIR/disk"
cat >"$DIR/disk/start" <<END
#!/bin/sh
tar -C /mnt/install -c . | tar -C / -x --keep-directory-symlink
systemd-sysusers
systemd-tmpfiles --create
systemctl daemon-reload
python3 -u /mnt/guest.py $* >/dev/ttyS1 2>&1
systemctl poweroff
END
chmod +x "$DIR/disk/start"
mke2fs -q -t ext4 -d "$DIR/disk" "$DIR/disk.img" 256M >/dev/null || exit 1

# cables: a hub of QEMU for ports 1 to 3, two TAP devices on a bridge for the others
nics=()
for n in $PORTS; do
	for side in 1 2; do
		if [ "$n" -le 3 ]; then
			nics+=(-netdev "hubport,id=n$side$n,hubid=$n")
		else
			ip tuntap add "t$side$n" mode tap vnet_hdr || exit 1
			[ $side = 2 ] || { ip link add "c$n" type bridge && ip link set "c$n" up; } || exit 1
			ip link set "t$side$n" master "c$n" up
			nics+=(-netdev "tap,id=n$side$n,ifname=t$side$n,script=no,downscript=no")
		fi
		nics+=(-device "virtio-net-pci,netdev=n$side$n,mac=52:54:00:00:0$side:0$n,romfile=")
	done
done
: >"$DIR/results"
qemu-system-x86_64 -accel "${VM_ACCEL:-tcg}" -m 1536 -smp 2 -nodefaults -no-reboot -display none -kernel "$CACHE/vmlinuz" \
	-initrd "$CACHE/initrd" -append "root=/dev/vda rw console=ttyS0 quiet" -serial "file:$DIR/console" \
	-serial "file:$DIR/results" -drive "file=$CACHE/root.img,if=virtio,format=raw,snapshot=on" \
	-drive "file=$DIR/disk.img,if=virtio,format=raw" "${nics[@]}" &
QEMU=$!
tail -f --pid="$QEMU" "$DIR/results" &
end=$((SECONDS + LIMIT))
while kill -0 "$QEMU" 2>/dev/null && [ $SECONDS -lt $end ]; do sleep 0.5; done
kill "$QEMU" 2>/dev/null
wait
QEMU=
ok=$(grep -c '^ok ' "$DIR/results") bad=$(grep -c '^not ok ' "$DIR/results")
if ! grep -q '^done' "$DIR/results"; then
	echo "the machine did not come to an end within $LIMIT s:"
	tail -20 "$DIR/console"
	bad=$((bad + 1))
fi
echo "$ok passed, $bad failed"
[ "$bad" = 0 ]
