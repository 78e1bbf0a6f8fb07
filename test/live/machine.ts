import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect } from 'vitest'
import { fusetrace as inProcess, textOf } from '../cli/run.js'

/** The built command line, as users run it. */
export const CLI: string = fileURLToPath(new URL('../../bin/fusetrace.js', import.meta.url))

/** Why a live test cannot run here; an empty string when it can. */
export function lacks(...programs: string[]): string {
  if (!existsSync('/dev/fuse')) return 'no /dev/fuse'
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return missing.length === 0 ? '' : `no ${missing.join(', no ')}`
}

/** Why the kernel's events cannot be read here. */
export function lacksKernel(): string {
  if (process.getuid?.() !== 0) return 'not root'
  spawnSync('mount', ['-t', 'tracefs', 'nodev', '/sys/kernel/tracing'])
  return existsSync('/sys/kernel/tracing/events/fuse/fuse_request_send') ? '' : 'no fuse tracepoints'
}

/** Why the kernel's events cannot be read with their names here. */
export function lacksBpf(): string {
  if (process.getuid?.() !== 0) return 'not root'
  if (!existsSync('/sys/kernel/btf/vmlinux')) return 'no BTF'
  const libraries = ['/usr/lib', '/usr/lib64', '/lib'].some(
    (root) => spawnSync('sh', ['-c', `ls ${root}/libbpf.so.1 ${root}/*/libbpf.so.1`]).stdout.length > 0,
  )
  if (!libraries) return 'no libbpf.so.1'
  return existsSync('node_modules/koffi') ? lacksKernel() : 'no koffi'
}

/** A directory of a test's own with a source and a mountpoint in it. */
export interface Place {
  readonly dir: string
  readonly source: string
  readonly mount: string
  file(name: string): string
  /** Mounts in this directory that exist now. */
  mounts(): string[]
  /** Removes it, unless something is still mounted. */
  remove(): void
}

export function place(): Place {
  const dir = mkdtempSync(join(tmpdir(), 'fusetrace-live-'))
  const [source, mount] = [join(dir, 'source'), join(dir, 'mount')]
  mkdirSync(source)
  mkdirSync(mount)
  const mounts = (): string[] =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => path.startsWith(dir))
  return {
    dir,
    source,
    mount,
    mounts,
    file: (name) => join(dir, name),
    remove() {
      for (const path of mounts()) spawnSync('umount', ['-l', path])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * A place for each test of a file, which is to leave nothing mounted there. `end` ends what the test began, before that is looked at.
 * What is returned always stands for the place of the test that runs.
 */
export function placeEach(end: () => unknown = () => undefined): Place {
  let here: Place
  beforeEach(() => {
    here = place()
  })
  afterEach(async () => {
    await end()
    const left = here.mounts()
    here.remove()
    expect(left).toEqual([])
  })
  return {
    get dir() {
      return here.dir
    },
    get source() {
      return here.source
    },
    get mount() {
      return here.mount
    },
    file: (name) => here.file(name),
    mounts: () => here.mounts(),
    remove: () => here.remove(),
  }
}

/** A run of the command line. */
export interface Run {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the command line to its end. In this process, which has all of it loaded: a process for each would take most of the time of
 * what is tested. Not those that ask a server, which run at the same time as others.
 */
export async function fusetrace(...args: string[]): Promise<Run> {
  if (CLIENTS.has(args[0] ?? '')) return fusetraceProgram(...args)
  const { code, stdout, stderr } = await inProcess(...args)
  const text = (raw: string): string => textOf(raw).replace(/\n$/, '')
  return { exitCode: code, stdout: text(stdout), stderr: text(stderr) }
}

const CLIENTS: ReadonlySet<string> = new Set(['wait', 'mark', 'step', 'fence', 'operations', 'stop'])

/** Runs it as users do, in a process of its own. */
export async function fusetraceProgram(...args: string[]): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, ...args], { reject: false })
  return { exitCode, stdout, stderr }
}

/** Asks until it is so, leaving the processor to what is waited for; the runner's time limit ends it otherwise. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) await setTimeout(2)
}

/** Parses JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
