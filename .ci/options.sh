#!/bin/bash
# SPDX-License-Identifier: ISC
# The optional parts left out; and an installation into a folder has all that the unit names.   options.sh [JOBS]
cd "$(dirname "$0")/.." || exit 1
top=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }
cd "$dir" || exit 1
"$top/configure" -q --without-systemd --without-seccomp --enable-werror --prefix=/usr --sysconfdir=/etc || fail "configure"
make -s -j"${1:-2}" || fail "make"
ldd rf-switchd | grep -E 'libsystemd|libseccomp|libcap-ng' && fail "an optional library is linked all the same"
make -s install DESTDIR="$dir/root" >/dev/null || fail "make install"
for f in usr/sbin/rf-switchd usr/bin/rf-ctl usr/bin/rf-ofctl usr/bin/rf-pki usr/lib/systemd/system/rf-switchd.service \
	usr/lib/sysusers.d/ringflow.conf usr/lib/tmpfiles.d/ringflow.conf etc/ringflow/ringflow.conf \
	usr/share/man/man8/rf-switchd.8 usr/share/man/man5/ringflow.conf.5; do
	[ -e "root/$f" ] || fail "make install installs no /$f"
done
[ "$(stat -c %a root/etc/ringflow/ringflow.conf)" = 640 ] || fail "ringflow.conf is not of mode 640"
grep -q '^ExecStart=/usr/sbin/rf-switchd --config /etc/ringflow/ringflow.conf$' root/usr/lib/systemd/system/rf-switchd.service ||
	fail "the unit starts something else"
root/usr/sbin/rf-switchd --check root/etc/ringflow/ringflow.conf || fail "the installed configuration is wrong"
if command -v systemd-analyze >/dev/null; then
	systemd-analyze security --no-pager --threshold=25 --offline=true root/usr/lib/systemd/system/rf-switchd.service ||
		fail "the unit is less hardened than it was"
fi
echo "# comment" >>root/etc/ringflow/ringflow.conf
make -s install DESTDIR="$dir/root" >/dev/null
grep -q '^# comment$' root/etc/ringflow/ringflow.conf || fail "make install overwrites a configuration"
make -s uninstall DESTDIR="$dir/root" >/dev/null || fail "make uninstall"
left=$(cd root && find . -type f)
[ "$left" = ./etc/ringflow/ringflow.conf ] || fail "make uninstall leaves: $left"
