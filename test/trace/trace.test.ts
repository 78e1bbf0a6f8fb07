import { describe, expect, test } from 'vitest'
import type { OpenTrace, Operation, Trace } from './exports.js'
import { OPCODE_NAMES, type Opcode, trace } from './exports.js'
import { DIALECTS, operationsOf } from './replayed.js'

const shortly = ({ opcode, path, newPath, name, status, errno, startNs, endNs }: Operation): unknown[] => [
  opcode,
  path,
  newPath,
  name,
  status,
  errno,
  startNs / 1e6,
  (endNs ?? 0) / 1e6,
]

const UNANSWERED = ['forget', 'batch_forget', 'interrupt', 'notify_reply']
const PATHLESS = ['init', 'destroy', 'cuse_init', 'batch_forget', 'interrupt', 'notify_reply']

/** A request of this opcode, as it is written down. */
function asked(run: Trace, opcode: Opcode): Trace {
  const method = (run as unknown as Record<string, (...args: unknown[]) => OpenTrace>)[opcode] as (
    ...args: unknown[]
  ) => OpenTrace
  const call = method.bind(run)
  if (PATHLESS.includes(opcode)) return call()
  if (['rename', 'rename2', 'link'].includes(opcode)) return call('/a', '/d/b')
  if (opcode === 'symlink') return call('/s', 'where')
  if (['setxattr', 'getxattr', 'removexattr'].includes(opcode)) return call('/a', 'user.x', { size: 3 })
  return call('/a')
}

describe.each(DIALECTS)('trace() in %s', (dialect) => {
  const inferred = dialect === 'fuser'

  test('a run of several requests is what was written down', async () => {
    const run = trace({ dialect })
      .at('5ms')
      .create('/a.txt')
      .ok({ after: '2ms' })
      .at('10ms')
      .mkdir('/d', { mode: 0o755 })
      .fail('EEXIST')
      .at('20ms')
      .setxattr('/a.txt', 'user.x', { size: 3 })
      .ok()
      .at('30ms')
      .rename('/a.txt', '/b "ü".txt')
      .ok({ after: '1ms' })
      .at('40ms')
      .unlink('/b "ü".txt')
      .ok()
      .at('50ms')
      .statfs('/')
      .ok()
    const found = (await operationsOf(run)).map(shortly)
    const wanted = [
      ['create', '/a.txt', null, null, 'ok', null, 5, 7],
      ['mkdir', '/d', null, null, 'error', 'EEXIST', 10, 10.1],
      ['setxattr', '/a.txt', null, 'user.x', 'ok', null, 20, 20.1],
      ['rename', '/a.txt', '/b "ü".txt', null, 'ok', null, 30, 31],
      ['unlink', '/b "ü".txt', null, null, 'ok', null, 40, 40.1],
      ['statfs', '/', null, null, 'ok', null, 50, 50.1],
    ]
    // Such a log shows no ends: each is over when the next begins, and how it went nobody knows.
    const ends = [10, 20, 30, 40, 50, 50]
    // Whether the directory was made, or the file is used, cannot be seen either.
    if (inferred) (wanted[2] as unknown[])[1] = null
    expect(found).toEqual(
      inferred ? wanted.map((row, i) => [...row.slice(0, 4), 'unknown', null, row[6], ends[i]]) : wanted,
    )
  })

  test.each(OPCODE_NAMES)('%s', async (name) => {
    const opcode = name as Opcode
    // The kernel's programs see these, and not what they are about.
    if (dialect === 'kernel' && UNANSWERED.includes(opcode)) return
    const begun = asked(trace({ dialect }).at('1ms'), opcode)
    const [good, bad] = UNANSWERED.includes(opcode)
      ? [begun, begun]
      : [(begun as OpenTrace).ok({ after: '1ms' }), (begun as OpenTrace).fail('EACCES', { after: '1ms' })]
    for (const [run, errno] of [
      [good, null],
      [bad, 'EACCES'],
    ] as const) {
      const operation = (await operationsOf(run)).find((one) => one.opcode === opcode && one.startNs === 1e6)
      expect(operation, `no ${opcode}`).toBeDefined()
      if (operation === undefined || UNANSWERED.includes(opcode)) continue
      if (!inferred)
        expect([operation.status, operation.errno]).toEqual(errno === null ? ['ok', null] : ['error', errno])
      if (PATHLESS.includes(opcode)) continue
      const path = opcode === 'symlink' ? '/s' : opcode === 'tmpfile' ? operation.path : '/a'
      expect(operation.path).toBe(path)
      if (['rename', 'rename2', 'link'].includes(opcode)) expect(operation.newPath).toBe('/d/b')
      if (opcode === 'symlink') expect(operation.target).toBe('where')
      if (opcode.endsWith('xattr') && opcode !== 'listxattr') expect(operation.name).toBe('user.x')
    }
  })
})
