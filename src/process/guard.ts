import { type ChildProcess, spawn } from 'node:child_process'
import { processStat } from './process-stat.js'

/**
 * Waits for the end of our process; after a kill -9 it does what we cannot do any more, to what is provably ours: processes
 * that started when ours did, and mounts that mountinfo names as ours where they are on top at their places. A line it reads
 * is a number, what has come about under that number, and the particulars.
 */
const SCRIPT = `
start_of() { read -r stat < /proc/$1/stat || return 0; set -- \${stat##*) }; printf %s "\${20}"; }
end_group() {
  now=$(start_of "$2")
  if [ -z "$now" ] || [ "$now" = "$3" ]; then kill -s "$1" -- "-$2"; fi
}
take_down() {
  eval "mountpoint=\\$place_$1 mount=\\$mount_$1 groups=\\$groups_$1"
  for group in $groups; do end_group KILL "\${group%:*}" "\${group#*:}"; done
  [ -n "$mount" ] || return 0
  at_place="/\${mount#* /}" top=
  while read -r number parent device root at rest; do
    [ "$at" = "$at_place" ] && top="$number $device"
  done < /proc/self/mountinfo
  if [ "$top" = "\${mount%% /*}" ]; then
    umount -i -c -l "$mountpoint" || fusermount3 -u -z -- "$mountpoint" || fusermount -u -z -- "$mountpoint"
  fi
}
end_daemon() { eval "daemon=\\$daemon_$2"; end_group "$1" "\${daemon%:*}" "\${daemon#*:}"; }
lives() {
  for id in $ids; do
    eval "daemon=\\$daemon_$id"
    if kill -s 0 -- "-\${daemon%:*}"; then return 0; fi
  done
  return 1
}
ids=
while IFS= read -r line; do
  id=\${line%% *} line=\${line#* }
  word=\${line%% *} rest=\${line#* }
  case $word in
    daemon) eval "daemon_$id=\\$rest place_$id= mount_$id= groups_$id="; ids="$ids $id" ;;
    place) eval "place_$id=\\$rest" ;;
    mounted) eval "mount_$id=\\$rest" ;;
    group) eval "groups_$id=\\"\\$groups_$id \\$rest\\"" ;;
    done)
      unset "daemon_$id" "place_$id" "mount_$id" "groups_$id"
      left=
      for one in $ids; do [ "$one" = "$id" ] || left="$left $one"; done
      ids=$left ;;
  esac
done
for id in $ids; do take_down "$id"; end_daemon TERM "$id"; done
turns=0
while [ $turns -lt 20 ] && lives; do
  # Some only sleep whole seconds.
  sleep 0.05 || { sleep 1; break; }
  turns=$((turns + 1))
done
for id in $ids; do end_daemon KILL "$id"; done
`

/** What mountinfo says of a mount, as it says it. */
export interface GuardedMount {
  /** The id begins with the kernel's number and the device. */
  readonly id: string
  /** Raw bytes. */
  readonly mountpoint: string
}

/** Ends a mount and its daemon when this process dies without having done so. */
export interface Guard {
  /** The mount is there: from now on it is to be taken down as well. */
  mounted(mount: GuardedMount): void
  /** A process group that works on the mount, and is to be ended before it. */
  group(pid: number): void
  /** All is gone: there is nothing to guard any more. */
  done(): void
}

/** The shell that guards all that this process has mounted; there is none before the first mount, and after its end. */
let shell: ChildProcess | null = null
let count = 0

/** Guards a mountpoint and the daemon's process group. */
export function startGuard(mountpoint: string, daemon: number): Guard {
  const child = shell ?? start()
  const id = ++count
  const emit = (...words: string[]): void => {
    // The words are lines; a path with a line feed is not guarded.
    if (child.stdin?.writable && !words.some((word) => word.includes('\n'))) {
      child.stdin.write(`${id} ${words.join(' ')}\n`)
    }
  }
  emit('daemon', identity(daemon))
  emit('place', mountpoint)
  return {
    mounted({ id: mount, mountpoint: raw }) {
      const [number = '', device = ''] = mount.split(' ')
      emit('mounted', number, device, asMountinfo(raw))
    },
    group: (pid) => emit('group', identity(pid)),
    done: () => emit('done'),
  }
}

/** A process, and when it started: process ids are used again. */
const identity = (pid: number): string => `${pid}:${processStat(pid)?.start ?? '?'}`

function start(): ChildProcess {
  const child = spawn('sh', ['-c', SCRIPT, `fusetrace-guard of ${process.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  const gone = (): void => {
    if (shell === child) shell = null
  }
  child.on('error', gone)
  child.on('exit', gone)
  child.stdin.on('error', gone)
  child.unref()
  ;(child.stdin as unknown as { unref?(): void }).unref?.()
  shell = child
  return child
}

/** A path as mountinfo writes it: raw bytes to UTF-8 as this process writes, and `\040` for what would end the field. */
function asMountinfo(raw: string): string {
  const escaped = raw.replace(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return Buffer.from(escaped, 'latin1').toString('utf8')
}
