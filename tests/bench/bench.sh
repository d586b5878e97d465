#!/bin/bash
# SPDX-License-Identifier: ISC
# bench.sh BUILD-FOLDER: Ringflow and each peer in turn, pair by pair; prints medians of ratios.  See README beside this file.
set -u
BUILD=${1:?usage: bench.sh BUILD-FOLDER}
PAIRS=${PAIRS:-5}
T=${SECONDS_EACH:-3}
PEERS=${PEERS:-wirefwd bridge ovs}
ID=rb$(printf '%04x' $((RANDOM * 2 % 65536)))
A=$ID-a B=$ID-b S=$ID-s
DIR=$(mktemp -d /tmp/ringflow-bench.XXXXXX)
PIDS=

[ "$(id -u)" = 0 ] || { echo "bench: must run as root" >&2; exit 1; }
for p in iperf3 ip ping taskset; do command -v $p >/dev/null || { echo "bench: $p is not installed" >&2; exit 1; }; done
[ "$(nproc)" -ge 2 ] && GEN="taskset -c 0" FWD="taskset -c 1" || GEN="" FWD=""

net() {
	local n
	for n in "$A" "$B" "$S"; do
		ip netns add "$n"
		ip netns exec "$n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
		ip -n "$n" link set lo up
	done
	ip link add eth0 netns "$A" address 02:00:00:00:00:01 type veth peer name p1 netns "$S"
	ip link add eth0 netns "$B" address 02:00:00:00:00:02 type veth peer name p2 netns "$S"
	ip -n "$A" addr add 10.1.0.1/8 dev eth0
	ip -n "$B" addr add 10.2.0.2/8 dev eth0
	for n in "$A" "$B"; do ip -n "$n" link set eth0 up; done
	for n in p1 p2; do ip -n "$S" link set $n up; done
}
unnet() { for n in "$A" "$B" "$S"; do ip netns del "$n" 2>/dev/null; done; }

# start_TARGET leaves the ids of its processes in PIDS
start_ringflow() {
	ip netns exec "$S" $FWD "$BUILD/rf-switchd" --rundir "$DIR/rf" --workers 1 --bridge s1 --no-local --fail-mode secure \
		--port 1=p1 --port 2=p2 >"$DIR/switchd.log" 2>&1 &
	PIDS=$!
	for _ in $(seq 100); do "$BUILD/rf-ctl" --rundir "$DIR/rf" status >/dev/null 2>&1 && break; sleep 0.1; done
	printf 'in_port=1,actions=output:2\nin_port=2,actions=output:1\n' |
		"$BUILD/rf-ofctl" add-flows "unix:$DIR/rf/s1.mgmt" - || return 1
}
start_wirefwd() {
	ip netns exec "$S" $FWD "$BUILD/tests/bench/wirefwd" p1 p2 &
	PIDS=$!
}
start_bridge() {
	ip -n "$S" link add br0 type bridge && ip -n "$S" link set p1 master br0 && ip -n "$S" link set p2 master br0 &&
		ip -n "$S" link set br0 up
	PIDS=
}
start_ovs() {
	local d=$DIR/ovs
	mkdir -p "$d"
	export OVS_RUNDIR=$d OVS_DBDIR=$d OVS_LOGDIR=$d OVS_SYSCONFDIR=$d
	rm -f "$d"/conf.db*
	ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema &&
		ip netns exec "$S" ovsdb-server "$d/conf.db" --remote=punix:"$d/db.sock" >"$d/db.log" 2>&1 &
	OVSDB=$!
	sleep 1
	ovs-vsctl --db=unix:"$d/db.sock" --no-wait init
	ip netns exec "$S" $FWD ovs-vswitchd unix:"$d/db.sock" >"$d/vswitchd.log" 2>&1 &
	PIDS=$!
	ovs-vsctl --db=unix:"$d/db.sock" --timeout=20 add-br br0 -- set bridge br0 datapath_type=netdev protocols=OpenFlow13 \
		-- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2 -- set interface p2 ofport_request=2 &&
		ovs-ofctl -O OpenFlow13 add-flow "unix:$d/br0.mgmt" actions=NORMAL
}
stop_target() {
	[ -n "$PIDS" ] && kill $PIDS 2>/dev/null && wait $PIDS 2>/dev/null
	[ -n "${OVSDB:-}" ] && kill "$OVSDB" 2>/dev/null && wait "$OVSDB" 2>/dev/null
	PIDS= OVSDB=
}
trap 'stop_target; unnet; rm -rf "$DIR"' EXIT
trap 'exit 130' INT TERM

frames_at_b() { ip netns exec "$B" cat /sys/class/net/eth0/statistics/rx_packets; }
# clock ticks of the target's processes and of interrupts on its processor; a kernel bridge is all interrupt
ticks() {
	local p sum
	sum=$(awk '$1 == "cpu1" { print $8 }' /proc/stat)
	for p in $PIDS; do sum=$((${sum:-0} + $(awk '{ print $14 + $15 }' "/proc/$p/stat"))); done
	echo "${sum:-0}"
}
# blast NAME RATE FLOWS: NAME.pps NAME.loss NAME.cpu (ns per frame)
blast() {
	local r c sent got
	r=$(frames_at_b) c=$(ticks)
	sent=$(ip netns exec "$A" $GEN "$BUILD/tests/bench/pktgen" eth0 "$T" 60 "$3" "$2" | awk '{ print $2 }')
	sleep 0.5
	got=$(($(frames_at_b) - r)) c=$(($(ticks) - c))
	awk -v n="$1" -v s="$sent" -v g="$got" -v t="$T" -v c="$c" 'BEGIN {
		print n ".sent", s / t; print n ".pps", g / t; print n ".loss", s ? 100 * (s - g) / s : 0; if (g) print n ".cpu", c * 1e7 / g }'
}
rtt() { ip netns exec "$A" ping -c "$1" -i 0.02 10.2.0.2 | sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -n |
	awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
tcp() {
	local server
	ip netns exec "$B" iperf3 -s -1 >/dev/null 2>&1 &
	server=$!
	sleep 0.5
	ip netns exec "$A" timeout $((T + 15)) iperf3 -J -c 10.2.0.2 -t "$T" 2>/dev/null |
		sed -n '/sum_received/,/}/s/.*"bits_per_second":[^0-9]*\([0-9.e+]*\).*/\1/p' | awk '{ print $1 / 1e9 }'
	kill $server 2>/dev/null
	wait $server 2>/dev/null
}

# measure TARGET FILE: lines "metric value"
measure() {
	net
	"start_$1" || { echo "bench: $1 does not start" >&2; stop_target; unnet; return 1; }
	sleep 1
	ip netns exec "$A" ping -q -c 3 -i 0.2 10.2.0.2 >/dev/null || { echo "bench: $1 does not forward" >&2; }
	{
		echo "rtt_idle $(rtt 50)"
		ip netns exec "$A" $GEN "$BUILD/tests/bench/pktgen" eth0 $((T + 1)) 60 1000 100000 >/dev/null &
		local load=$!
		sleep 0.5
		echo "rtt_beside_100k $(rtt 100)"
		wait $load
		echo "tcp_gbps $(tcp)"
		blast at_100k 100000 1000
		blast full 0 1000
		[ -n "$PIDS" ] && echo "rss_mib $(awk '/VmRSS/ { print $2 / 1024 }' "/proc/${PIDS%% *}/status")"
	} >"$2"
	stop_target
	unnet
}

# fair RINGFLOW-FILE PEER-FILE PEER: a pair counts if the generator ran alike for both and the ceiling itself lost nothing at 100,000 frames/s
fair() {
	awk -v peer="$3" '
		$1 ~ /\.sent$/ { if (FNR == NR) s[$1] = $2; else if (s[$1] > 1.05 * $2 || s[$1] < 0.95 * $2) bad = 1 }
		FNR != NR && peer == "wirefwd" && $1 == "at_100k.loss" && $2 > 0.05 { bad = 1 }
		END { exit bad }' "$1" "$2"
}

for peer in $PEERS; do
	[ "$peer" = ovs ] && ! command -v ovs-vswitchd >/dev/null && { echo "$peer: skipped, not installed"; continue; }
	rm -f "$DIR"/r.* "$DIR"/p.*
	for n in $(seq "$PAIRS"); do
		for try in 1 2 3; do
			measure ringflow "$DIR/r.$n" && measure "$peer" "$DIR/p.$n" || continue 3
			fair "$DIR/r.$n" "$DIR/p.$n" "$peer" && break
			echo "pair $n with $peer: the machine was busy (try $try)" >&2
		done
	done
	printf '\n%-18s %12s %12s   %s\n' "metric" ringflow "$peer" "ratio: median (lowest to highest)"
	for metric in $(awk '{ print $1 }' "$DIR/r.1"); do
		for n in $(seq "$PAIRS"); do
			awk -v m="$metric" '$1 == m { print $2 }' "$DIR/r.$n" "$DIR/p.$n" | paste -s -d' '
		done | awk -v m="$metric" '
			function median(v, n,    i, j, t) {
				for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
				return v[int((n + 1) / 2)]
			}
			NF == 2 { n++; a[n] = $1; b[n] = $2; if ($2 > 0) q[++k] = $1 / $2 }
			END {
				if (!n) exit
				printf "%-18s %12.2f %12.2f   ", m, median(a, n), median(b, n)
				if (k) { mid = median(q, k); printf "%.2f (%.2f to %.2f)\n", mid, q[1], q[k] } else print "-"
			}'
	done
done
