import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../../src/recording/row.js'
import { tries } from '../tries.js'
import { line, operation, recordingOf, reportOf } from './recordings.js'

/** A run with everything that a recording can hold. */
const RUN: readonly Row[] = [
  { kind: 'mount', atNs: 10_000, event: 'spawned', detail: 'pid 7' },
  { kind: 'mount', atNs: 400_000, event: 'answered', detail: null },
  line(1_000_000, 'unique: 12, opcode: CREATE (35), pid: 101'),
  line(1_050_000, '   \x1b[32mCREATE\x1b[0m /dir/new.txt, unique: 12, error: -13 (Permission denied)'),
  line(2_000_000, 'nothing of note'),
  { kind: 'mark', atNs: 900_000, edge: 'begin', name: 'make a file' },
  {
    kind: 'operation',
    operation: operation(0, {
      startNs: 1_000_000,
      opcode: 'create',
      path: '/dir/new.txt',
      unique: 12,
      status: 'error',
      errno: 'EACCES',
      lines: [0, 1],
      size: 4096,
    }),
  },
  {
    kind: 'operation',
    operation: operation(1, { startNs: 2_000_000, opcode: 'create', path: '/dir/new.tmp', lines: [2, 2] }),
  },
  {
    kind: 'operation',
    operation: operation(2, {
      startNs: 3_000_000,
      opcode: 'rename',
      path: '/dir/new.tmp',
      newPath: '/dir/new.txt',
      lines: [2, 2],
    }),
  },
  { kind: 'mark', atNs: 4_000_000, edge: 'end', name: 'make a file' },
  {
    kind: 'call',
    beginNs: 950_000,
    endNs: 1_100_000,
    root: 'mount',
    method: 'writeFile',
    args: ['dir/new.txt', 'x'],
    result: null,
    error: { code: 'EACCES', errno: -13, syscall: 'open', message: 'EACCES: permission denied' },
  },
  {
    kind: 'wait',
    title: 'fileVisible /dir/new.txt',
    since: 'make a file',
    sinceNs: 900_000,
    beginNs: 1_200_000,
    endNs: 3_100_000,
    end: 'satisfied',
    by: 'trace',
    operations: [2],
    misses: [{ operation: 0, reasons: ['failed with EACCES'] }],
    note: null,
  },
  { kind: 'probe', atNs: 3_200_000, probe: 'exists', args: ['/dir/new.txt'], answer: true, errno: null },
  { kind: 'loss', atNs: 4_100_000, what: 'kernel-events', count: 3 },
  { kind: 'exit', atNs: 5_000_000, code: null, signal: 'SIGKILL' },
]

/** Many operations, and a difference between two runs of them. */
function many(count: number, change: (i: number) => object | null): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const facts = change(i)
    return facts === null
      ? []
      : [
          {
            kind: 'operation' as const,
            operation: operation(i, { path: `/f${i}`, opcode: 'unlink', lines: [0, 0], ...facts }),
          },
        ]
  }).flat()
}

/** Names that would be HTML, an end of the page's script, or look otherwise. test/slow/hostile-page.test.ts has many more. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror=globalThis.ran=1>',
  '</script><script>globalThis.ran=1</script>',
  '\u202egnp.exe',
  'new\nline',
]

/** Operations of the long report, and the one of them that failed. */
export const LONG: number = tries(20_000, 100_000)
export const FAILED: number = 17_777

/** Reports that the tests of the page open, by what they show. */
export interface Pages {
  readonly run: string
  readonly long: string
  readonly compared: string
  readonly hostile: string
}

/** Makes the reports in a directory. */
export function makePages(directory: string): Pages {
  const made = (name: string, ...recordings: string[]): string => {
    const path = join(directory, `${name}.html`)
    writeFileSync(path, reportOf(...recordings))
    return path
  }
  const recorded = (name: string, rows: readonly Row[]): string => recordingOf(directory, name, rows)
  return {
    run: made('run', recorded('run', RUN)),
    long: made(
      'long',
      recorded(
        'long',
        many(LONG, (i) => (i === FAILED ? { status: 'error', errno: 'EIO' } : {})),
      ),
    ),
    hostile: made(
      'hostile',
      recorded(
        'hostile',
        HOSTILE.flatMap((name, i): Row[] => [
          line(i * 1000, `LOOKUP ${name}`),
          { kind: 'operation', operation: operation(i, { path: `/${name}`, errno: name }) },
        ]),
      ),
    ),
    compared: made(
      'compared',
      recorded(
        'a',
        many(400, () => ({})),
      ),
      recorded(
        'b',
        many(400, (i) => (i === 250 ? null : i === 300 ? { status: 'error', errno: 'ENOENT' } : {})),
      ),
    ),
  }
}
