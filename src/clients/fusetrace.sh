# Waits for tests of FUSE file systems, from bash: source this file. A monitor is served by `fusetrace record --workload` or
# `fusetrace serve`; it is found by FUSETRACE_SOCKET, or by the mount that a path lies in. FUSETRACE_PROGRAM names another program than fusetrace.
#
#     . fusetrace.sh
#     since=$(ft_mark)
#     touch "$MOUNT/a.txt"
#     ft_wait file-visible a.txt --since "$since"      # 0 satisfied, 1 not (stderr explains), 2 usage, 3 no monitor
#     ft_step rename mv "$MOUNT/a.txt" "$MOUNT/b.txt"

ft() { ${FUSETRACE_PROGRAM:-fusetrace} "$@"; }
ft_wait() { ft wait "$@"; }
ft_mark() { ft mark "$@"; }
ft_fence() { ft fence "$@"; }
ft_operations() { ft operations "$@"; }
ft_stop() { ft stop "$@"; }

# ft_step NAME COMMAND ARGS…: runs a program, or a function of this shell, as a step.
ft_step() {
  local name=$1
  shift
  if [ "$(type -t "$1")" = function ]; then
    local status
    ft mark "begin of $name" >/dev/null || return
    "$@"
    status=$?
    ft mark "end of $name" >/dev/null || return
    return "$status"
  fi
  ft step "$name" -- "$@"
}

# ft_serve DAEMON ARGS…: starts a monitor in the background and sets FUSETRACE_SOCKET and FUSETRACE_PID; ft_stop ends it.
ft_serve() {
  local fifo line
  fifo=$(mktemp -u "${TMPDIR:-/tmp}/fusetrace-sh-XXXXXX") && mkfifo -m 600 "$fifo" || return
  ft serve -- "$@" >"$fifo" &
  FUSETRACE_PID=$!
  IFS= read -r line <"$fifo"
  rm -f "$fifo"
  [[ $line =~ \"socket\":\"([^\"]+)\" ]] || { wait "$FUSETRACE_PID"; return 3; }
  export FUSETRACE_SOCKET=${BASH_REMATCH[1]} FUSETRACE_PID
}
