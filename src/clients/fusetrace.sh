# Waits for tests of FUSE file systems, from bash (4.1 or newer): source this file. A monitor is served by `fusetrace record --workload` or
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
  if [ "$(type -t "$1")" = function ]; then ft__step_of_function "$name" "$@"; else ft step "$name" -- "$@"; fi
}

# The step is that of a program, which begins when it is there and ends with what is written to it, or with this shell.
ft__step_of_function() {
  local fifo begun both from to status ended name=$1
  shift
  fifo=$(mktemp -u "${TMPDIR:-/tmp}/fusetrace-sh-XXXXXX") && mkfifo -m 600 "$fifo" || return
  exec {both}<>"$fifo" {from}<"$fifo" {to}>"$fifo" {both}>&-
  rm -f "$fifo"
  exec {begun}< <(exec {to}>&-; ft step "$name" -- sh -c 'echo; read -r _' <&"$from" || echo $?)
  exec {from}<&-
  # A number: it has not begun, or the monitor has gone before its end.
  IFS= read -r ended <&"$begun" || ended=3
  if [ -n "$ended" ]; then
    exec {begun}<&- {to}>&-
    return "$ended"
  fi
  # Not behind if: set -e would not hold in it. What it starts is not to keep these open.
  eval "\"\$@\" $begun<&- $to>&-"
  status=$?
  echo >&"$to"
  IFS= read -r ended <&"$begun" || ended=0
  exec {begun}<&- {to}>&-
  return $((status != 0 ? status : ended))
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
