# Ends one world: kills what runs in its network namespaces, removes them and its folder.
#   sh -c "$(cat guardian.sh)" guardian WORLD FOLDER
# Standard input is a pipe that only the harness holds open. Its end is the signal, however the harness ended:
# a normal exit, a panic, Ctrl-C or SIGKILL.
trap '' INT TERM HUP
cat >/dev/null

world=$1
folder=$2
# Membership of the namespace, not a list of process ids, says what belongs to the world: an id may have been
# given to another program since, and a program's own children are on nobody's list.
for netns in "/run/netns/$world" "/run/netns/$world"-*; do
  [ -e "$netns" ] || continue
  name=${netns##*/}
  # A killed process leaves in some milliseconds, and may have forked just before: 500 × 10 ms is far beyond both.
  rounds=500
  while pids=$(ip netns pids "$name" 2>/dev/null) && [ -n "$pids" ] && [ "$rounds" -gt 0 ]; do
    kill -KILL $pids 2>/dev/null
    rounds=$((rounds - 1))
    sleep 0.01
  done
  # Another harness's sweep may have been quicker.
  ip netns delete "$name" 2>/dev/null || [ ! -e "$netns" ] || failed=1
done
rm -rf -- "$folder" && exit "${failed:-0}"
