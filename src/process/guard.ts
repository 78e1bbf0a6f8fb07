import { spawn } from 'node:child_process'

/** Waits for the end of our process; after a kill -9 it does what we cannot do any more. */
const SCRIPT = `
mounted= groups=
while read -r word; do
  case $word in
    mounted) mounted=1 ;;
    done) exit 0 ;;
    *) groups="$groups -$word" ;;
  esac
done
[ -z "$groups" ] || kill -s KILL -- $groups
if [ -n "$mounted" ]; then
  umount -i -c -l "$1" || fusermount3 -u -z -- "$1" || fusermount -u -z -- "$1"
fi
kill -s TERM -- "-$2"
sleep 1
kill -s KILL -- "-$2"
`

/** A shell that ends the mount and the daemon when this process dies without having done so. */
export interface Guard {
  /** The mount is there: from now on it is to be taken down as well. */
  mounted(): void
  /** A process group that works on the mount, and is to be ended before it. */
  group(pid: number): void
  /** All is gone: there is nothing to guard any more. */
  done(): void
}

/** Starts the guard of a mountpoint and of the daemon's process group. */
export function startGuard(mountpoint: string, daemon: number): Guard {
  const child = spawn('sh', ['-c', SCRIPT, 'fusetrace-guard', mountpoint, String(daemon)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  const say = (word: string): void => {
    if (child.stdin.writable) child.stdin.write(`${word}\n`)
  }
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  ;(child.stdin as unknown as { unref?(): void }).unref?.()
  return {
    mounted: () => say('mounted'),
    group: (pid) => say(String(pid)),
    done() {
      say('done')
      child.stdin.end()
    },
  }
}
