# shellcheck shell=sh disable=SC2012,SC2154
# (find -printf is not everywhere; what comes before this sets nonce.)
# It only looks: it writes no file, changes nothing, and asks nothing. What follows it are calls of its functions: i, g, k and p.
LC_ALL=C; export LC_ALL
TZ=UTC; export TZ
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
unset CDPATH ENV BASH_ENV
umask 077
nl='
'
tab='	'
max=16777217
most=20000
within=''
if timeout 9 true 2>/dev/null; then within='timeout'; fi
if timeout -k 2 9 true 2>/dev/null; then within='timeout -k 2'; fi
marks='grep -q -E'
if echo x | grep -a -q -E x 2>/dev/null; then marks='grep -a -q -E'; fi
if stat -c %f / >/dev/null 2>&1; then stats=yes; else stats=''; fi

printf 'keysweep-host 1 %s %s\n' "$(id -u)" "$(date +%s)"
printf 'H %s\n' "$(uname -n)"

# odd PATH: whether a line of ours cannot hold it.
odd() { case $1 in *"$nl"* | *"$tab"*) return 0 ;; esac; return 1; }

# gone PATH: why there is nothing at it: a directory on the way that may not be entered, or none.
gone() {
	up=${1%/*}
	while [ -n "$up" ] && [ ! -d "$up" ]; do up=${up%/*}; done
	if [ -x "${up:-/}" ]; then printf 'E missing\t%s\n' "$1"; else printf 'E permission\t%s\n' "$1"; fi
}

# s PATH...: what is known of paths from outside, a line for each; where links lead.
s() {
	if [ -n "$stats" ]; then
		stat -c "S %f %u %g %s %Y${tab}%n" -- "$@" 2>/dev/null
	else
		for one do
			ls -ldn -- "$one" 2>/dev/null | {
				read -r mode _ uid gid size _ && printf 'T %s %s %s %s\t%s\n' "$mode" "$uid" "$gid" "$size" "$one"
			}
		done
	fi
	for one do
		if [ -L "$one" ]; then
			leads=$(readlink -- "$one") && real=$(readlink -f -- "$one") || real=''
			if ! odd "$leads" && ! odd "$real"; then printf 'L %s\t%s\t%s\n' "$one" "$leads" "$real"; fi
		fi
	done
}

# o PATH: what is known of it, and of where it leads. It leaves that in $real, "" if it leads nowhere.
o() {
	real=''
	if odd "$1"; then return; fi
	if [ ! -e "$1" ] && [ ! -L "$1" ]; then gone "$1"; return; fi
	s "$1"
	if [ ! -L "$1" ]; then real=$1; return; fi
	if [ -e "$1" ] && real=$(readlink -f -- "$1") && ! odd "$real"; then s "$real"; else real=''; fi
}

# f PATH [seen]: a file with what it holds, each line after a bar.
f() {
	if [ -n "$2" ] && [ ! -L "$1" ]; then
		real=$1
		if odd "$1"; then return; fi
	else
		o "$1"
	fi
	if [ -z "$real" ] || [ ! -f "$real" ]; then return; fi
	if [ ! -r "$real" ]; then printf 'E permission\t%s\n' "$real"; return; fi
	case $real in KEYNAMES) printf 'E withheld\t%s\n' "$real"; return ;; esac
	if $marks -e 'KEYMARKS' -- "$real" 2>/dev/null; then
		printf 'E withheld\t%s\n' "$real"
		return
	fi
	printf 'F %s\n' "$real"
	{
		head -c "$max" -- "$real" 2>/dev/null
		printf '\nx%s\n' "$nonce"
	} | reduce "$real"
}

# end is what passes our last line by, whatever is taken out of others.
# shellcheck disable=SC2034 # the filters that are put in below use it
end="/^x$nonce\$/{
s/^/|/
b
}"

# reduce PATH: what may be taken along of its content, or of what a program said, each line after a bar.
reduce() {
	case $1 in
	FILTERS) ;;
	esac
}

# d PATH: a directory with what is known of its entries. It leaves the directory in $dir, "" if there is none.
d() {
	dir=''
	o "$1"
	if [ -z "$real" ] || [ ! -d "$real" ]; then return; fi
	if [ ! -r "$real" ] || [ ! -x "$real" ]; then printf 'E permission\t%s\n' "$real"; return; fi
	dir=$real
	at=${real%/}
	set -- "$at"/* "$at"/.[!.]* "$at"/..?*
	if [ $# -gt "$most" ]; then printf 'E too many\t%s\n' "$dir"; dir=''; return; fi
	whole=yes
	case "$*" in *"$nl"* | *"$tab"*) whole='' ;; esac
	if [ -n "$whole" ]; then
		s "$@"
		printf 'D %s\n' "$dir"
		return
	fi
	for entry do
		if ! odd "$entry"; then s "$entry"; fi
	done
}

# t PATH LEVELS: a directory, what the files in it hold, and the same for directories in it.
t() {
	d "$1"
	if [ -z "$dir" ]; then return; fi
	set -- "$2" "${dir%/}"/* "${dir%/}"/.[!.]* "${dir%/}"/..?*
	levels=$1
	shift
	for below do
		if [ -d "$below" ] && [ ! -L "$below" ]; then
			if [ "$levels" -gt 0 ]; then (t "$below" $((levels - 1))); fi
		elif [ -e "$below" ] || [ -L "$below" ]; then
			f "$below" seen
		fi
	done
}

# straight PATH: leaves it in $name without links before its last part. Links on the way are told: by them it is found again.
straight() {
	name=$1
	linked=''
	above=${1%/*}
	while [ -n "$above" ]; do
		if [ -L "$above" ]; then
			s "$above"
			linked=yes
		fi
		above=${above%/*}
	done
	if [ -n "$linked" ] && real=$(readlink -f -- "${1%/*}") && ! odd "$real"; then name=${real%/}/${1##*/}; fi
}

# i KIND PATH: an item of the plan, once.
seen=''
i() {
	straight "$2"
	case $seen in *"|$1 $name|"*) return ;; esac
	seen="$seen|$1 $name|"
	case $1 in
	file) f "$name" '' ;;
	dir) d "$name" ;;
	all) t "$name" 0 ;;
	tree) t "$name" LEVELS ;;
	stat) o "$name" ;;
	esac
}

# g PATH...: files of the kernel, each line behind the path it is from.
g() {
	printf 'G\n'
	grep -H -e '' -- "$@" 2>/dev/null | head -c "$max" | sed -e 's/^/|/'
}

# k PATH...: which files of processes are sockets; |? where a link cannot be read.
k() {
	printf 'N\n'
	ls -l -- "$@" 2>/dev/null | sed -n -e '/^\/proc\/[0-9]*\/fd:$/s/^/|/p' -e '/^l/{/ -> /!s/.*/|?/p;}' -e 's/^.* \([0-9][0-9]* -> socket:\[[0-9]*\]\)$/|\1/p'
}

# p SECONDS PROGRAM WORD...: what a program says; behind it, its exit code and what it complains of.
p() {
	limit=$1
	shift
	if ! command -v "$1" >/dev/null 2>&1; then printf 'A %s\n' "$*"; return; fi
	printf 'P %s\n' "$*"
	{
		said=$({
			if [ -n "$within" ]; then $within "$limit" "$@"; else "$@"; fi </dev/null 2>&1 1>&3 3>&-
			printf '\n%s\n' "$?"
		} | tail -c 65536)
		printf '\nx%s\n%s\n' "$nonce" "$said"
	} 3>&1 | head -c "$max" | sed -e '/KEYMARK1/,$d' | reduce "SAID$1"
}
