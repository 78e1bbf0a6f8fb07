import { spawn } from 'node:child_process'

/** Waits for the end of our process; after a kill -9 it does what we cannot do any more. */
const SCRIPT = `
mounted=
while read -r word; do
  case $word in
    mounted) mounted=1 ;;
    done) exit 0 ;;
  esac
done
if [ -n "$mounted" ]; then
  umount -i -c -l "$1" || fusermount3 -u -z -- "$1" || fusermount -u -z -- "$1"
fi
kill -TERM -- "-$2"
sleep 1
kill -KILL -- "-$2"
`

/** A shell that ends the mount and the daemon when this process dies without having done so. */
export interface Guard {
  /** The mount is there: from now on it is to be taken down as well. */
  mounted(): void
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
    done() {
      say('done')
      child.stdin.end()
    },
  }
}
