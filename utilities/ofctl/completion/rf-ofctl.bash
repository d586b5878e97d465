# SPDX-License-Identifier: ISC
# bash completion for rf-ofctl: options, commands, bridges, and the words of flows, groups and meters.  What there is, the program says itself.

_rf_ofctl_switches() {
	local dir=${RINGFLOW_RUNDIR:-/run/ringflow} s
	for s in "$dir"/*.mgmt; do
		[ -S "$s" ] && s=${s##*/} && echo "${s%.mgmt}"
	done
	printf '%s\n' tcp: ssl: unix:
}

# The words of KIND after the last comma of $cur, each with what stood before it.
_rf_ofctl_words() {
	local kind=$1 head=
	case $cur in
	*actions=*) kind=action head=${cur%"${cur##*[,=(]}"} ;;
	*,*) head=${cur%"${cur##*,}"} ;;
	esac
	local word=${cur#"$head"}
	mapfile -t COMPREPLY < <(compgen -P "$head" -W "$("$prog" list-words "$kind" 2>/dev/null)" -- "$word")
	compopt -o nospace
}

_rf_ofctl() {
	local cur prog=${COMP_WORDS[0]} i command= n=0
	COMPREPLY=()
	# '=' and ':' split words in COMP_WORDS: the line itself is cut at blanks
	local -a words
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=('')
	cur=${words[-1]}
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		case ${words[i]} in
		-[OFPtpcC]) i=$((i + 1)) ;;
		-*) ;;
		*) if [ -z "$command" ]; then command=${words[i]}; else n=$((n + 1)); fi ;;
		esac
	done
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$prog" list-words option 2>/dev/null)" -- "$cur")
	elif [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$prog" list-words command 2>/dev/null)" -- "$cur")
	else
		case $command:$n in
		parse-flow:0) _rf_ofctl_words flow ;;
		parse-group:0) _rf_ofctl_words group ;;
		parse-meter:0) _rf_ofctl_words meter ;;
		parse-flows:0 | ofp-parse*:0 | diff-flows:* | add-flows:1 | add-groups:1 | replace-flows:1 | bundle:1)
			mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
		*:0) mapfile -t COMPREPLY < <(compgen -W "$(_rf_ofctl_switches)" -- "$cur") ;;
		*-flow*:1 | dump-aggregate:1 | explain:1) _rf_ofctl_words flow ;;
		*-group*:1) _rf_ofctl_words group ;;
		*-meter*:1 | meter-stats:1) _rf_ofctl_words meter ;;
		mod-port:2) mapfile -t COMPREPLY < <(compgen -W 'up down receive no-receive forward no-forward packet-in no-packet-in' -- "$cur") ;;
		set-frags:1) mapfile -t COMPREPLY < <(compgen -W 'normal drop reassemble' -- "$cur") ;;
		esac
	fi
	# readline replaces only what follows the last '=' or ':'
	case $cur in
	*[=:]*)
		local shown=${cur%"${cur##*[=:]}"}
		for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$shown"}; done ;;
	esac
}
complete -F _rf_ofctl rf-ofctl
