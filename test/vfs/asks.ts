import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { xattrsOf } from '../../src/fixture/driven-daemon.js'
import type { XattrFs } from '../../src/fixture/mount-fs.js'
import { startDriven } from '../../src/live/driven-session.js'
import { startLive } from '../../src/live/session.js'
import { StatPool } from '../../src/mount/stat-pool.js'
import { getXattr, listXattr, removeXattr, setXattr } from '../../src/mount/xattr.js'
import type { Operation } from '../../src/operation/operation.js'
import { standInFiles } from '../../src/vfs/node/files.js'
import { lacksBpf } from '../live/machine.js'
import { installed } from '../transport/tools.js'
import { STEPS, sameRequests, shape, tree, UNORDERED } from './fidelity.js'

/** Steps whose requests must be the kernel's own. */
const GOAL = 0.98

function canMount(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
    return process.getuid?.() === 0
  } catch {
    return false
  }
}

interface Paths {
  readonly directory: string
  readonly source: string
  readonly mountpoint: string
}

/** Answers hold for a minute: how quick the machine is must not show. */
const DAEMONS: readonly (readonly [string, (paths: Paths) => string[], string?])[] = [
  [
    'bindfs',
    ({ source, mountpoint }) => ['bindfs', '-f', '-d', '-o', 'entry_timeout=60,attr_timeout=60', source, mountpoint],
  ],
  [
    'unionfs',
    ({ source, mountpoint }) => [
      'unionfs',
      '-f',
      '-d',
      '-o',
      'entry_timeout=60,attr_timeout=60',
      `${source}=RW`,
      mountpoint,
    ],
  ],
  [
    'fuse-overlayfs',
    ({ directory, source, mountpoint }) => {
      for (const name of ['lower', 'work']) mkdirSync(join(directory, name))
      const layers = `lowerdir=${directory}/lower,upperdir=${source},workdir=${directory}/work`
      return ['fuse-overlayfs', '-f', '-d', '-o', `${layers},writeback=0,timeout=60`, mountpoint]
    },
  ],
  [
    'sshfs',
    ({ directory, source, mountpoint }) => {
      const ssh = join(directory, 'ssh')
      writeFileSync(ssh, '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n')
      chmodSync(ssh, 0o755)
      const times = 'entry_timeout=60,attr_timeout=60,dcache_timeout=60'
      return ['sshfs', '-f', '-d', '-o', `ssh_command=${ssh},${times}`, `host:${source}`, mountpoint]
    },
    '/usr/lib/openssh/sftp-server',
  ],
]

interface Run {
  /** By step: the operations' shapes, and how the call ended. */
  readonly steps: ReadonlyMap<string, { readonly requests: string[]; readonly outcome: string }>
  readonly tree: string[]
}

/** Extended attributes of a mount, as `mount.fs` has them. */
function mountXattrs(): XattrFs {
  const clock = systemClock()
  const options = { clock, pool: new StatPool(clock), limitNs: 60e9 }
  onTestFinished(() => options.pool.close())
  return {
    getXattr: (path, name) => getXattr(path, name, options),
    setXattr: (path, name, value) => setXattr(path, name, value, options),
    listXattr: async (path) => (await listXattr(path, options)).sort(),
    removeXattr: (path, name) => removeXattr(path, name, options),
  }
}

/** How a call ended: what of it both runs must have in common. */
function outcomeOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value.sort().join() : 'ok'
}

/** Runs the workload on a real mount, or on the stand-in. */
async function run(kind: 'mount' | 'stand-in', command: (paths: Paths) => string[]): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const paths = { directory, source: join(directory, 'source'), mountpoint: join(directory, 'mount') }
  for (const path of [paths.source, paths.mountpoint]) mkdirSync(path)
  const options = { daemon: command(paths), mountpoint: paths.mountpoint, readyMs: 25_000 }
  // What the kernel says of a mount, and what the stand-in says itself: neither is the daemon's log.
  const driven = kind === 'stand-in' ? await startDriven({ ...options, wire: true }) : null
  const session = driven ?? (await startLive({ ...options, kernel: 'only' }))
  onTestFinished(() => session.close())
  const calls = driven ? (standInFiles(driven.vfs, paths.mountpoint) as unknown as typeof fs) : fs
  const files = { ...calls, ...(driven ? xattrsOf(driven.vfs, paths.mountpoint) : mountXattrs()) }
  const operations: Operation[] = []
  const stop = session.monitor.subscribe((event) => {
    if (event.type === 'ended') operations.push(event.operation)
  })
  const steps = new Map<string, { requests: string[]; outcome: string }>()
  // Whoever waited for the mount has found out already that the daemon does not know STATX.
  await files.stat(paths.mountpoint)
  await session.quiet()
  for (const [name, act] of STEPS) {
    operations.length = 0
    const outcome = await act(files, (path) => (path === '' ? paths.mountpoint : `${paths.mountpoint}/${path}`)).then(
      outcomeOf,
      (error: NodeJS.ErrnoException) => error.code ?? String(error),
    )
    await session.quiet()
    const inOrder = [...operations].sort((a, b) => a.lines[0] - b.lines[0])
    const requests = shape(inOrder)
    steps.set(name, { requests, outcome })
  }
  stop()
  await session.close()
  return { steps, tree: await tree(paths.source) }
}

/** The same calls on a real mount and on the stand-in, on file systems by name. */
export function asksWhatLinuxAsks(isWanted: (name: string) => boolean): void {
  for (const one of DAEMONS) if (isWanted(one[0])) compares(...one)
}

function compares(name: string, command: (paths: Paths) => string[], needs?: string): void {
  test(`${name}: the stand-in asks what Linux asks`, async ({ skip }) => {
    if (!canMount()) skip('nothing can be mounted here')
    if (lacksBpf() !== '') skip(lacksBpf())
    if (!installed(name) || (needs !== undefined && !installed(needs))) skip(`${name} is not installed`)
    const real = await run('mount', command)
    const ours = await run('stand-in', command)
    const different = STEPS.flatMap(([step]) => {
      const [a, b] = [real.steps.get(step), ours.steps.get(step)]
      return a && b && sameRequests(a.requests, b.requests, !UNORDERED.has(step))
        ? []
        : [{ step, linux: a, standIn: b }]
    })
    const requests = [...real.steps.values()].flatMap((step) => step.requests)
    expect(requests.length).toBeGreaterThan(150)
    expect(requests.filter((request) => !request.endsWith(' *')).length).toBeGreaterThan(requests.length / 4)
    const same = 1 - different.length / STEPS.length
    expect(same, JSON.stringify(different, null, 1)).toBeGreaterThanOrEqual(GOAL)
    // No call came out in another way, and the final trees are equal, byte for byte.
    for (const [step] of STEPS)
      expect([step, ours.steps.get(step)?.outcome]).toEqual([step, real.steps.get(step)?.outcome])
    expect(ours.tree).toEqual(real.tree)
  })
}
