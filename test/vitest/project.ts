import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** For `npm run coverage`: what is run is counted here too. */
const { NODE_V8_COVERAGE } = process.env
const COUNTED = NODE_V8_COVERAGE
  ? { NODE_V8_COVERAGE, NODE_OPTIONS: `--import=${new URL('../counted.js', import.meta.url)}` }
  : {}

/** One test's outcome, as vitest's JSON reporter tells it. */
export interface Told {
  readonly state: string
  readonly messages: string
}

/** What a run of vitest came to. */
export interface Ran {
  readonly exitCode: number | null
  /** What the default reporter and the tests print, without colours. */
  readonly output: string
  /** By full name. */
  readonly tests: Readonly<Record<string, Told>>
}

/** A project of a user's, made for one test of ours: within the repository, so that vitest is found. */
export interface Project {
  readonly directory: string
  /** Where its temporary directories are; it should be empty after each run. */
  readonly temp: string
  write(name: string, text: string): void
  read(name: string): Buffer
  exists(name: string): boolean
  /** What is left of runs: names in `temp`, and mounts. */
  left(): string[]
  /** Runs vitest to its end. */
  run(args?: readonly string[], env?: Record<string, string>): Promise<Ran>
  /** Starts vitest in a process group of its own. */
  start(args?: readonly string[], env?: Record<string, string>): { pid: number; ended: Promise<Ran> }
  remove(): void
}

const HEAD = `
import { describe, expect, vi } from 'vitest'
import { fuseTest } from 'fusetrace/vitest'
const daemon = ({ mountpoint, branches }) => ['bindfs', '-f', '-d', branches[0], mountpoint]
`

/**
 * The time limits are for what hangs: no verdict depends on how fast the machine is. The package is the one that was built; as in
 * a user's `node_modules`, vitest does not transform it. Its files share a worker: a worker for each takes most of their time.
 */
const CONFIG = `export default {
  test: {
    isolate: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    server: { deps: { external: [/\\/dist\\//] } },
  },
}`

export function project(files: Record<string, string>): Project {
  mkdirSync(join(root, '.fusetrace'), { recursive: true })
  const directory = mkdtempSync(join(root, '.fusetrace', 'test-'))
  const temp = mkdtempSync(join(tmpdir(), 'fusetrace-project-'))
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), name.endsWith('.test.ts') ? HEAD + text : text)
  }
  for (const [name, text] of Object.entries({ 'vitest.config.mjs': CONFIG, ...files })) write(name, text)
  let runs = 0
  const start: Project['start'] = (args = [], env = {}) => {
    const json = join(directory, `result-${++runs}.json`)
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${json}`]
    const child = spawn(process.execPath, [vitest, 'run', '--root', directory, ...reporters, ...args], {
      cwd: directory,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        NO_COLOR: '1',
        TMPDIR: temp,
        ...COUNTED,
        ...env,
      },
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    const ended = once(child, 'close').then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      output: Buffer.concat(chunks).toString(),
      tests: existsSync(json) ? testsOf(readFileSync(json, 'utf8')) : {},
    }))
    return { pid: child.pid ?? 0, ended }
  }
  return {
    directory,
    temp,
    write,
    start,
    read: (name) => readFileSync(join(directory, name)),
    exists: (name) => existsSync(join(directory, name)),
    left: () => [
      ...readdirSync(temp).filter((name) => name.startsWith('fusetrace-') && !isEmpty(join(temp, name))),
      ...mountsBelow(temp),
    ],
    run: (args, env) => start(args, env).ended,
    remove() {
      rmSync(directory, { recursive: true, force: true })
      rmSync(temp, { recursive: true, force: true })
    },
  }
}

/** Mountpoints below a directory. */
function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`))
}

function isEmpty(directory: string): boolean {
  return readdirSync(directory).length === 0
}

interface Report {
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

function testsOf(text: string): Record<string, Told> {
  const tests: Record<string, Told> = {}
  for (const { assertionResults } of (JSON.parse(text) as Report).testResults) {
    for (const { fullName, status, failureMessages } of assertionResults) {
      // Of tests with one name the one that failed is told.
      if (tests[fullName]?.state === 'failed') continue
      tests[fullName] = { state: status, messages: failureMessages.join('\n') }
    }
  }
  return tests
}
