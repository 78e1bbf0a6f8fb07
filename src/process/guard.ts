import { spawn } from 'node:child_process'
import { processStat } from './process-stat.js'

/**
 * Waits for the end of our process; after a kill -9 it does what we cannot do any more, to what is provably ours: processes
 * that started when ours did, and the mount that mountinfo names as ours where it is on top at its place.
 */
const SCRIPT = `
start_of() { read -r stat < /proc/$1/stat || return 0; set -- \${stat##*) }; printf %s "\${20}"; }
end_group() {
  now=$(start_of "$2")
  if [ -z "$now" ] || [ "$now" = "$3" ]; then kill -s "$1" -- "-$2"; fi
}
mount= place= groups=
while read -r word rest; do
  case $word in
    mounted) mount=\${rest%% /*} place=/\${rest#* /} ;;
    group) groups="$groups $rest" ;;
    done) exit 0 ;;
  esac
done
set -- "$1" "$2" "$3" $groups
mountpoint=$1 daemon=$2 start=$3
shift 3
while [ $# -ge 2 ]; do end_group KILL "$1" "$2"; shift 2; done
if [ -n "$mount" ]; then
  top=
  while read -r id parent device root at rest; do [ "$at" = "$place" ] && top="$id $device"; done < /proc/self/mountinfo
  if [ "$top" = "$mount" ]; then
    umount -i -c -l "$mountpoint" || fusermount3 -u -z -- "$mountpoint" || fusermount -u -z -- "$mountpoint"
  fi
fi
end_group TERM "$daemon" "$start"
sleep 1
end_group KILL "$daemon" "$start"
`

/** What mountinfo says of a mount, as it says it. */
export interface GuardedMount {
  /** The id begins with the kernel's number and the device. */
  readonly id: string
  /** Raw bytes. */
  readonly mountpoint: string
}

/** A shell that ends the mount and the daemon when this process dies without having done so. */
export interface Guard {
  /** The mount is there: from now on it is to be taken down as well. */
  mounted(mount: GuardedMount): void
  /** A process group that works on the mount, and is to be ended before it. */
  group(pid: number): void
  /** All is gone: there is nothing to guard any more. */
  done(): void
}

/** Starts the guard of a mountpoint and of the daemon's process group. */
export function startGuard(mountpoint: string, daemon: number): Guard {
  const args = [mountpoint, String(daemon), processStat(daemon)?.start ?? '?']
  const child = spawn('sh', ['-c', SCRIPT, 'fusetrace-guard', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  const say = (...words: string[]): void => {
    // The words are lines; a path with a line feed is not guarded.
    if (child.stdin.writable && !words.some((word) => word.includes('\n'))) child.stdin.write(`${words.join(' ')}\n`)
  }
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  ;(child.stdin as unknown as { unref?(): void }).unref?.()
  return {
    mounted({ id, mountpoint: raw }) {
      const [number = '', device = ''] = id.split(' ')
      say('mounted', number, device, asMountinfo(raw))
    },
    group: (pid) => say('group', String(pid), processStat(pid)?.start ?? '?'),
    done() {
      say('done')
      child.stdin.end()
    },
  }
}

/** A path as mountinfo writes it: raw bytes to UTF-8 as this process writes, and `\040` for what would end the field. */
function asMountinfo(raw: string): string {
  const escaped = raw.replace(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return Buffer.from(escaped, 'latin1').toString('utf8')
}
