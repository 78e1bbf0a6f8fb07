import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { FusetraceError } from '../errors.js'
import type { Libc } from '../native/libc.js'
import { BROKER_PLACE, type Broker, canBroker, startBroker } from './broker.js'
import { type Helper, startHelper } from './helper.js'
import { type MountOptions, mountOptionsOf } from './mount-options.js'
import { inNamespace, whyNoNamespace } from './namespace.js'
import { findProgram, inspectProgram, type Program } from './program.js'

/**
 * How a daemon gets its FUSE descriptor from us instead of from the kernel:
 *
 * - `fd`: `/dev/fd/N` stands in its command for the mountpoint (libfuse 3, go-fuse, jacobsa/fuse, mountpoint-s3)
 * - `namespace`: a stand-in lies over `fusermount` in a mount namespace of the daemon's own; needs root
 * - `user-namespace`: the same for everybody, where the machine allows user namespaces
 * - `path`: the stand-in is found first along `PATH` (daemons written in Go)
 */
export type Way = 'fd' | 'namespace' | 'user-namespace' | 'path'

export const WAYS: readonly Way[] = ['fd', 'namespace', 'user-namespace', 'path']

/** What the daemon is to talk to: a descriptor of ours, or a broker that Node reaches by a socket of its own. */
export type DaemonEnd =
  /** The descriptor is owned by what `prepareDaemon` returns. */
  | { readonly libc: Libc; readonly fd: number }
  /** `bytes`: room for messages that is asked for. `onSocket`: the daemon has its end; `room` is what it came to. */
  | { readonly bytes: number; onSocket(socket: Socket, room: number, rest: Buffer): void }

export interface PrepareOptions {
  end: DaemonEnd
  /** The daemon's command, in the foreground. */
  command: readonly string[]
  /** The mountpoint as it stands in the command. Nothing is mounted there. */
  mountpoint: string
  /** @default chosen for the program and the machine */
  way?: Way | undefined
  /** The daemon's whole environment. */
  environment: Readonly<Record<string, string | undefined>>
  /** @default the working directory of this process */
  cwd?: string | undefined
  /** Where the stand-in of the helper is made; asked only in a way that has one. @default among the temporary files */
  scratch?: (() => string) | undefined
  /** The daemon has asked its helper to unmount: it wants to end. */
  onUnmount?(): void
}

/** A daemon's command, made ready to be started without a mount. */
export interface Prepared {
  readonly way: Way
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** To be the process's descriptors 3, 4, …. */
  readonly fds: readonly number[]
  /** What the kernel would be given for the mount; known when the daemon asks for its descriptor. Rejects when it cannot have it. */
  readonly mounted: Promise<MountOptions>
  /** The process has been started: our copy of what it inherited is closed. */
  spawned(): void
  /** Lets go of everything; the daemon must have ended. */
  dispose(): void
}

/**
 * Makes a command ready so that the daemon, as it is, speaks to the given descriptor.
 *
 * @throws FT_ENVIRONMENT when the program is not there, or there is no way on this machine; the message says why
 */
export async function prepareDaemon(options: PrepareOptions): Promise<Prepared> {
  const { environment } = options
  const path = environment.PATH ?? process.env.PATH ?? ''
  const program = inspectProgram(options.command[0] ?? '', { path, cwd: options.cwd ?? process.cwd() })
  if (program.path === null) {
    throw new FusetraceError('FT_ENVIRONMENT', `the daemon ${options.command[0]} was not found`, {
      hint: `install it, or give its path: which ${options.command[0]}`,
    })
  }
  const way = options.way ?? (await chooseWay(options, program))
  if (!('fd' in options.end)) return byBroker(way, options, options.end, path)
  return way === 'fd' ? byDescriptor(options, options.end.fd) : byHelper(way, options, options.end, path)
}

async function chooseWay(options: PrepareOptions, program: Program): Promise<Way> {
  const takesDescriptor = program.libraries.some((name) => name.startsWith('libfuse3.so'))
  if (takesDescriptor && replaceMountpoint(options, '').replaced) return 'fd'
  const reasons: string[] = []
  for (const way of ['namespace', 'user-namespace'] as const) {
    const reason = await whyNoNamespace(way)
    if (reason === null) return way
    reasons.push(reason)
  }
  if (program.go) return 'path'
  throw new FusetraceError(
    'FT_ENVIRONMENT',
    `${options.command[0]} cannot be driven without a mount on this machine: ${reasons.join('; ')}`,
    { hint: 'run it as root, or where unshare --user works; daemons of libfuse 3 need neither' },
  )
}

/** The command with something else in the mountpoint's place. */
function replaceMountpoint(
  { command, mountpoint, cwd = process.cwd() }: PrepareOptions,
  other: string,
): { command: string[]; replaced: boolean } {
  const place = resolve(cwd, mountpoint)
  let replaced = false
  const [file, ...args] = command
  const changed = args.map((arg) => {
    const value = arg.startsWith('-') ? arg.slice(arg.indexOf('=') + 1) : arg
    if (value === '' || value.startsWith('-') || resolve(cwd, value) !== place) return arg
    replaced = true
    return arg.slice(0, arg.length - value.length) + other
  })
  return { command: [file as string, ...changed], replaced }
}

/** Closes a descriptor, once. */
function closer(fd: number): () => void {
  let open = true
  return () => {
    if (open) closeSync(fd)
    open = false
  }
}

function byDescriptor(options: PrepareOptions, fd: number): Prepared {
  const command = withDescriptor(options, '/dev/fd/3')
  const close = closer(fd)
  return {
    way: 'fd',
    command,
    environment: options.environment,
    fds: [fd],
    mounted: Promise.resolve(mountOptionsOf(command)),
    spawned: close,
    dispose: close,
  }
}

/** @throws FT_USAGE when the mountpoint does not stand in the command */
function withDescriptor(options: PrepareOptions, place: string): string[] {
  const { command, replaced } = replaceMountpoint(options, place)
  if (replaced) return command
  throw new FusetraceError('FT_USAGE', `the mountpoint ${options.mountpoint} does not stand in the daemon's command`, {
    hint: 'the way "fd" puts a descriptor in its place; write {mountpoint} there',
  })
}

function byHelper(
  way: Exclude<Way, 'fd'>,
  options: PrepareOptions,
  { libc, fd }: Extract<DaemonEnd, { fd: number }>,
  path: string,
): Prepared {
  const close = closer(fd)
  let helper: Helper | null = null
  const mounted = new Promise<MountOptions>((done, fail) => {
    helper = startHelper({
      libc,
      fd,
      scratch: options.scratch?.() ?? tmpdir(),
      onMount({ args }) {
        close()
        done(mountOptionsOf(args))
      },
      onFailure: fail,
      onUnmount: () => options.onUnmount?.(),
    })
  })
  // Whoever does not ask is not to be killed by it.
  mounted.catch(() => undefined)
  const { program: script, directory, close: closeHelper } = helper as unknown as Helper
  return {
    way,
    ...helped(way, options, { helper: script, directory }, path),
    fds: [],
    mounted,
    spawned: () => undefined,
    dispose() {
      closeHelper()
      close()
    },
  }
}

/** The command, and its environment, in which the helper is found. */
function helped(
  way: Exclude<Way, 'fd'>,
  { command, environment: given }: PrepareOptions,
  { helper, directory }: { helper: string; directory: string },
  path: string,
): Pick<Prepared, 'command' | 'environment'> {
  const environment = { ...given, PATH: [directory, path].join(delimiter) }
  if (way === 'path') return { command, environment }
  const ids = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  return inNamespace(way, { helper, path, ...ids, environment, command })
}

/** Without koffi: by a broker in Perl. */
async function byBroker(
  way: Way,
  options: PrepareOptions,
  { bytes, onSocket }: Extract<DaemonEnd, { bytes: number }>,
  path: string,
): Promise<Prepared> {
  const perl = canBroker() ? findProgram('perl', { path, cwd: '/' }) : null
  if (perl === null) {
    throw new FusetraceError(
      'FT_ENVIRONMENT',
      'neither the npm package koffi nor perl is there: sockets for FUSE messages cannot be made',
      { hint: 'npm install koffi (an optional dependency of fusetrace), or install perl' },
    )
  }
  let done: (options: MountOptions) => void = () => undefined
  const mounted = new Promise<MountOptions>((resolve) => {
    done = resolve
  })
  const command = way === 'fd' ? withDescriptor(options, BROKER_PLACE) : null
  const broker: Broker = await startBroker({
    perl,
    scratch: options.scratch?.() ?? tmpdir(),
    bytes,
    onMount({ socket, room, args, rest }) {
      onSocket(socket, room, rest)
      done(mountOptionsOf(command ?? args))
    },
    onUnmount: () => options.onUnmount?.(),
  })
  const { program: helper, directory } = broker
  const started =
    way === 'fd'
      ? { command: broker.becoming(command ?? []), environment: options.environment }
      : helped(way, options, { helper, directory }, path)
  return { way, ...started, fds: [], mounted, spawned: () => undefined, dispose: () => broker.close() }
}
