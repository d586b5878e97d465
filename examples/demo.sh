#!/bin/bash
# SPDX-License-Identifier: ISC
# Three hosts, one switch, one controller: what `./bootstrap demo` shows.  Every command is printed before it runs, so that a
# reader can repeat it.  Hosts and switch are network namespaces with names of their own; all is removed at the end.
#
#   demo.sh BUILD-FOLDER [--keep]
set -u
BUILD=${1:?usage: demo.sh BUILD-FOLDER [--keep]}
KEEP=0
[ "${2:-}" = --keep ] && KEEP=1
HERE=$(cd "$(dirname "$0")" && pwd)
PKI=$HERE/../utilities/pki/rf-pki
ID=rf$(printf '%04x' $((RANDOM * 2 % 65536)))
SW=$ID-sw
DIR=$(mktemp -d /tmp/ringflow-demo.XXXXXX)
PIDS=()

say() { printf '\n== %s\n' "$*"; }
run() {
	echo "+ $*"
	"$@"
}
# must COMMAND...: as run, and the end of all if it fails
must() { run "$@" || fail "this step failed: $*"; }
# start LOG COMMAND...: in the background, its process to be ended by clean
start() {
	local log=$1
	shift
	echo "+ $* >$log 2>&1 &"
	"$@" >"$log" 2>&1 </dev/null &
	LAST=$!
	PIDS+=("$LAST")
}
stop_process() {
	echo "+ kill $1"
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}
clean() {
	local p n
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do wait "$p" 2>/dev/null; done
	for n in "$SW" "$ID-h1" "$ID-h2" "$ID-h3"; do ip netns del "$n" 2>/dev/null; done
	rm -rf "$DIR"
}
fail() {
	echo "demo: FAILED: $*" >&2
	for f in "$DIR"/*.log; do
		[ -s "$f" ] && { echo "--- end of $f" >&2; tail -15 "$f" >&2; }
	done
	exit 1
}
# until SECONDS COMMAND...: tries until it succeeds
until_true() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.2
	done
}
ping_all() {
	local a b
	for a in 1 2 3; do
		for b in 1 2 3; do
			[ $a = $b ] && continue
			run ip netns exec "$ID-h$a" ping -q -c 3 -i 0.2 -w 15 10.0.0.$b || fail "host $a does not reach host $b"
		done
	done
}
tcp_rate() {
	start "$DIR/iperf3.log" ip netns exec "$ID-h2" iperf3 -s -1 --forceflush
	until_true 10 grep -q listening "$DIR/iperf3.log" || fail "iperf3 does not listen"
	run ip netns exec "$ID-h1" timeout 30 iperf3 -c 10.0.0.2 -t 3 || fail "no TCP between host 1 and host 2"
}
# switch OPTION...: one rf-switchd with the three ports
switch() {
	start "$DIR/switchd.log" ip netns exec "$SW" "$BUILD/rf-switchd" --rundir "$DIR/run" --bridge s1 \
		--dpid 0000000000000001 --no-local --port 1=p1 --port 2=p2 --port 3=p3 "$@"
	SWITCH_PID=$LAST
	until_true 15 "$BUILD/rf-ctl" --rundir "$DIR/run" status || fail "rf-switchd does not answer"
}

trap clean EXIT
trap 'exit 130' INT TERM
[ "$(id -u)" = 0 ] || { echo "demo: must run as root (it makes network namespaces)" >&2; exit 1; }
for p in rf-switchd rf-ofctl rf-ctl; do
	[ -x "$BUILD/$p" ] || { echo "demo: $BUILD/$p is not there: ./bootstrap build" >&2; exit 1; }
done

say "three hosts, each with one cable to the switch"
run ip netns add "$SW" || fail "no network namespaces here"
must ip -n "$SW" link set lo up
for h in 1 2 3; do
	run ip netns add "$ID-h$h" || fail "no namespace"
	run ip link add eth0 netns "$ID-h$h" type veth peer name p$h netns "$SW" || fail "no veth pair"
	must ip -n "$ID-h$h" addr add 10.0.0.$h/24 dev eth0
	must ip -n "$ID-h$h" link set eth0 up
done

say "no controller, fail mode standalone: a learning switch"
switch --fail-mode standalone
ping_all
tcp_rate
must "$BUILD/rf-ctl" --rundir "$DIR/run" fdb show s1
stop_process "$SWITCH_PID"

say "keys: one authority for switches, one for controllers"
run bash "$PKI" init "$DIR/pki" || fail "rf-pki"
run cd "$DIR" || fail "$DIR"
run bash "$PKI" --dir "$DIR/pki" req+sign sw switch || fail "rf-pki"
run bash "$PKI" --dir "$DIR/pki" req+sign ctl controller || fail "rf-pki"

say "fail mode secure, a controller over mutual TLS only; until it is there, nothing passes"
switch --fail-mode secure --max-backoff 1 --controller ssl:127.0.0.1:6653 --private-key "$DIR/sw-privkey.pem" \
	--certificate "$DIR/sw-cert.pem" --ca-cert "$DIR/pki/controllerca/cacert.pem"
run ip netns exec "$ID-h1" ping -q -c 2 -W 1 -w 3 10.0.0.2 && fail "host 1 reaches host 2 though no controller decided so"
echo "(unreachable, as it must be)"
must "$BUILD/rf-ctl" --rundir "$DIR/run" controller show s1

MANAGER=osken-manager
[ -x /usr/bin/osken-manager ] || MANAGER="/usr/bin/python3 -m os_ken.cmd.manager"
# shellcheck disable=SC2086
start "$DIR/controller.log" ip netns exec "$SW" $MANAGER --ofp-listen-host 127.0.0.1 --ofp-ssl-listen-port 6653 \
	--ctl-privkey "$DIR/ctl-privkey.pem" --ctl-cert "$DIR/ctl-cert.pem" --ca-certs "$DIR/pki/switchca/cacert.pem" \
	"$HERE/learning_switch.py"
CONTROLLER_PID=$LAST
until_true 40 "$BUILD/rf-ctl" --rundir "$DIR/run" is-connected s1 || fail "the switch and the controller do not meet"
until_true 10 grep -q 'is here' "$DIR/controller.log" || fail "the controller does not know the switch"
must "$BUILD/rf-ctl" --rundir "$DIR/run" controller show s1
ping_all
tcp_rate

say "what the switch knows"
export RINGFLOW_RUNDIR=$DIR/run
echo "+ export RINGFLOW_RUNDIR=$RINGFLOW_RUNDIR"
run "$BUILD/rf-ofctl" show s1 || fail "rf-ofctl show"
run "$BUILD/rf-ofctl" dump-flows s1 || fail "rf-ofctl dump-flows"
run "$BUILD/rf-ofctl" dump-ports s1 || fail "rf-ofctl dump-ports"
"$BUILD/rf-ofctl" dump-flows s1 | grep -q 'priority=1' || fail "the controller installed no flow"

if [ $KEEP = 1 ]; then
	trap - EXIT INT TERM
	cat <<END

== all is left running (files in $DIR)
look around:  export RINGFLOW_RUNDIR=$DIR/run
              $BUILD/rf-ofctl dump-flows s1;  $BUILD/rf-ctl --rundir $DIR/run status;  ip netns exec $ID-h1 ping 10.0.0.3
logs:         $DIR/switchd.log  $DIR/controller.log
stop:         kill $CONTROLLER_PID $SWITCH_PID; for n in $SW $ID-h1 $ID-h2 $ID-h3; do ip netns del \$n; done; rm -r $DIR
END
	exit 0
fi
say "done: every step did what it says; removing all that was made"
