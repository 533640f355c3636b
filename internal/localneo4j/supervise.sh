# Runs the command in "$@" until it ends, or until standard input ends: then
# the command is asked to stop (SIGTERM) and, a minute later, made to.
#
# Standard input is a pipe whose other end only the starting process holds, so
# the kernel closes it however that process ends. File descriptor 3 is the lock
# on the data directory: the command inherits it and holds it while it lives.
exec 4<&0 </dev/null
"$@" 4<&- &
server=$!
{
	read -r _ <&4
	# No sleep is left behind when the command ends in time.
	trap 'kill "$nap"; wait "$nap"; exit' TERM
	kill -TERM "$server"
	for _ in 1 2 3 4 5 6; do
		sleep 10 3<&- 4<&- &
		nap=$!
		wait "$nap"
	done
	kill -KILL "$server"
} >/dev/null 2>&1 &
watcher=$!
exec 4<&-
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
