import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Libc } from '../native/libc.js'

/** The programs that libraries call to mount for them. */
export const HELPERS: readonly string[] = ['fusermount', 'fusermount3', 'mergerfs-fusermount']

/**
 * Once it is mounted, go-fuse opens a file of this name in its own mount, and takes an error for a failed mount. Of the
 * libraries it alone calls its helper with the mountpoint in front.
 */
export const POLL_HACK = '.go-fuse-epoll-hack'

/** Longest command line that a stand-in reports, bytes. */
const MAX_REPORT = 64 * 1024

/**
 * The stand-in for all of them: a shell script, since it starts within a millisecond. It says which of its descriptors leads
 * to the daemon, and waits until the daemon's end of our socket was sent there. It finds us by a path, because some daemons
 * start their helper with a clean environment and no descriptors but that one.
 */
const script = (directory: string): string => `#!/bin/sh
place='${directory.replaceAll("'", "'\\''")}'
unmount=
for argument; do
  case $argument in
    -V|--version) echo 'fusermount3 version: 3.14.0'; exit 0 ;;
    --unmount|-u|-u[qz]*) unmount=1 ;;
    --) break ;;
  esac
done
if [ -n "$unmount" ]; then printf '%s\\0' unmount > "$place"/ask; exit 0; fi
if [ -z "$_FUSE_COMMFD" ]; then echo 'fusermount: no socket to send a descriptor to (_FUSE_COMMFD)' >&2; exit 1; fi
printf '%s\\0' mount "$#" "$$" "$_FUSE_COMMFD" "$@" > "$place"/ask
read -r answer < "$place"/answer || exit 1
[ "$answer" = sent ] || { printf 'fusermount: %s\\n' "$answer" >&2; exit 1; }
case $1 in -*) exit 0 ;; esac
set -C
{ : > "$1/${POLL_HACK}"; } 2>/dev/null && printf '%s\\n' "$1/${POLL_HACK}" > "$place"/made
exit 0
`

/** What a daemon asked its helper for. */
export interface MountRequest {
  /** The helper's arguments, as bytes in latin1. */
  readonly args: readonly string[]
}

export interface HelperOptions {
  libc: Libc
  /** The daemon's end of the socket. */
  fd: number
  /** Where to make the directory that holds it. */
  scratch: string
  /** The daemon has its descriptor. */
  onMount(request: MountRequest): void
  /** The daemon's descriptor could not be handed over. */
  onFailure(reason: Error): void
  /** The daemon has asked its helper to unmount: it wants to end. */
  onUnmount(): void
}

export interface Helper {
  /** The script. */
  readonly program: string
  /** A directory that holds the script under all names of a helper, for `PATH`. */
  readonly directory: string
  close(): void
}

/** Makes the stand-in, and answers it until it is closed. */
export function startHelper(options: HelperOptions): Helper {
  const directory = mkdtempSync(join(options.scratch, 'fusetrace-helper-'))
  const close: (() => void)[] = [() => rmSync(directory, { recursive: true, force: true }), () => removeMade(directory)]
  const end = (): void => {
    for (const step of close.splice(0).reverse()) step()
  }
  try {
    for (const name of ['ask', 'answer']) options.libc.makeFifo(join(directory, name))
    const program = join(directory, 'helper')
    writeFileSync(program, script(directory))
    chmodSync(program, 0o700)
    for (const name of HELPERS) symlinkSync('helper', join(directory, name))
    // Open for both: opening does not wait for the other side, and the pipe does not end with it.
    const flags = constants.O_RDWR | constants.O_NONBLOCK
    const answer = openSync(join(directory, 'answer'), flags)
    close.push(() => closeSync(answer))
    const ask = new Socket({ fd: openSync(join(directory, 'ask'), flags), readable: true, writable: false })
    close.push(() => ask.destroy())
    ask.unref()
    listen(ask, options, (word) => writeSync(answer, `${word}\n`))
    return { program, directory, close: end }
  } catch (error) {
    end()
    throw error
  }
}

function listen(ask: Socket, options: HelperOptions, reply: (word: string) => void): void {
  const { libc, fd } = options
  let rest = ''
  const take = (request: string[]): void => {
    if (request[0] === 'unmount') options.onUnmount()
    else mount(request)
  }
  const mount = (request: string[]): void => {
    const [, , pid, socket, ...args] = request
    try {
      const theirs = libc.takeDescriptor(Number(pid), Number(socket))
      try {
        libc.sendDescriptor(theirs, fd)
      } finally {
        closeSync(theirs)
      }
      reply('sent')
      options.onMount({ args })
    } catch (error) {
      reply(`the stand-in could not hand over a descriptor: ${(error as Error).message}`)
      options.onFailure(error as Error)
    }
  }
  ask.on('error', () => undefined)
  ask.on('data', (chunk) => {
    rest = (rest + chunk.toString('latin1')).slice(-MAX_REPORT)
    for (;;) {
      const words = rest.split('\0')
      const count = words[0] === 'unmount' ? 1 : words[0] === 'mount' ? 4 + Number(words[1]) : 1
      if (words.length <= count) return
      rest = words.slice(count).join('\0')
      take(words.slice(0, count))
    }
  })
}

/** Removes the file that a stand-in made in a mountpoint, if it is what it was. */
export function removeMade(directory: string): void {
  try {
    const file = readFileSync(join(directory, 'made'), 'utf8').slice(0, -1)
    if (lstatSync(file).size === 0) rmSync(file)
  } catch {
    // None was made.
  }
}
