#!/bin/bash
# SPDX-License-Identifier: ISC
# tables.sh BUILD-FOLDER: what rule sets cost, as CPU per frame of the whole switch beside that of one rule.  See README beside this file.
set -u
BUILD=${1:?usage: tables.sh BUILD-FOLDER}
T=${SECONDS_EACH:-3}
RATE=${RATE:-150000}
FRAMES=${FRAMES:-200000}
SETS=${SETS:-acl:1000 acl:10000 fw:10000 ipc:10000 mac:100000}
ID=rt$(printf '%04x' $((RANDOM * 2 % 65536)))
A=$ID-a B=$ID-b S=$ID-s
DIR=$(mktemp -d /tmp/ringflow-tables.XXXXXX)
PID=
MGMT=unix:$DIR/rf/s1.mgmt

[ "$(id -u)" = 0 ] || { echo "tables: must run as root" >&2; exit 1; }
[ "$(nproc)" -ge 2 ] && GEN="taskset -c 0" FWD="taskset -c 1" || GEN="" FWD=""
cleanup() {
	[ -n "$PID" ] && kill "$PID" 2>/dev/null && wait "$PID" 2>/dev/null
	for n in "$A" "$B" "$S"; do ip netns del "$n" 2>/dev/null; done
	rm -rf "$DIR"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

for n in "$A" "$B" "$S"; do
	ip netns add "$n"
	ip netns exec "$n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
ip link add eth0 netns "$A" address 02:00:00:00:00:01 type veth peer name p1 netns "$S"
ip link add eth0 netns "$B" address 02:00:00:00:00:02 type veth peer name p2 netns "$S"
ip -n "$A" link set eth0 up
ip -n "$B" link set eth0 up
for n in p1 p2; do ip -n "$S" link set $n up; done
ip netns exec "$S" $FWD "$BUILD/rf-switchd" --rundir "$DIR/rf" --workers 1 --bridge s1 --no-local --fail-mode secure \
	--port 1=p1 --port 2=p2 >"$DIR/switchd.log" 2>&1 &
PID=$!
for _ in $(seq 100); do "$BUILD/rf-ctl" --rundir "$DIR/rf" status >/dev/null 2>&1 && break; sleep 0.1; done

got() { ip netns exec "$B" cat /sys/class/net/eth0/statistics/rx_packets; }
# clock ticks of the switch and of interrupts on its processor
ticks() { echo $(($(awk '$1 == "cpu1" { print $8 }' /proc/stat) + $(awk '{ print $14 + $15 }' "/proc/$PID/stat"))); }
# cost FRAMES-OR-FILE: "ns-per-frame loss-%"
cost() {
	local r c sent
	r=$(got) c=$(ticks)
	sent=$(ip netns exec "$A" $GEN "$BUILD/tests/bench/pktgen" eth0 "$T" 60 "$1" "$RATE" | awk '{ print $2 }')
	sleep 0.5
	r=$(($(got) - r)) c=$(($(ticks) - c))
	awk -v s="$sent" -v g="$r" -v c="$c" 'BEGIN { printf "%.0f %.2f\n", (g ? c * 1e7 / g : 0), (s ? 100 * (s - g) / s : 0) }'
}
memory() { awk '/^(Anonymous|Pss_Shmem)/ { s += $2 } END { printf "%.1f", s / 1024 }' "/proc/$PID/smaps_rollup"; }
flows() { "$BUILD/rf-ofctl" del-flows "$MGMT" && "$BUILD/rf-ofctl" add-flows "$MGMT" "$1"; }

echo 'in_port=1,actions=output:2' >"$DIR/one"
printf '%-28s %10s %10s %8s %8s %8s\n' set flows ns/frame "x one" loss% MiB
for set in $SETS; do
	"$BUILD/tests/bench/rulefiles" "$set" "$FRAMES" "$DIR/flows" "$DIR/frames" || exit 1
	flows "$DIR/one" || exit 1
	read -r one _ < <(cost 1)
	flows "$DIR/flows" || exit 1
	read -r ns loss < <(cost "@$DIR/frames")
	printf '%-28s %10s %10s %8s %8s %8s\n' "${set##*/}" "$(wc -l <"$DIR/flows")" "$ns" \
		"$(awk -v a="$ns" -v b="$one" 'BEGIN { printf "%.2f", (b ? a / b : 0) }')" "$loss" "$(memory)"
done
