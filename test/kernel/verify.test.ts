import { describe, expect, test } from 'vitest'
import { join, type Witness } from '../../src/kernel/join.js'
import { KernelRequests } from '../../src/kernel/requests.js'
import { verify } from '../../src/kernel/verify.js'

interface Given {
  opcode: string
  unique?: number
  at?: number
  error?: number
  end?: number | null
}

/** Requests of the kernel, 100 ns long, ids rising by two, one every 1000 ns unless told. */
function kernel(...given: Given[]) {
  const requests = new KernelRequests()
  for (const [i, { opcode, unique = 2 * i + 2, at = i * 1000, error = 0, end = at + 100 }] of given.entries()) {
    requests.push({ atNs: at, edge: 'send', unique, opcode, error: null })
    if (end !== null) requests.push({ atNs: end, edge: 'end', unique, opcode: null, error })
  }
  return requests.list
}

/** Operations that say the same, 10 ns later at the start and 5 ns earlier at the end. */
function log(...given: (Partial<Witness> & { opcode: string })[]): Witness[] {
  return given.map((one, i) => ({
    id: i,
    unique: 2 * i + 2,
    startNs: i * 1000 + 10,
    endNs: i * 1000 + 95,
    status: 'ok',
    errno: null,
    ...one,
  }))
}

describe('with ids', () => {
  test('a log that shows what happened agrees', () => {
    const report = verify(
      log({ opcode: 'lookup', status: 'error', errno: 'ENOENT' }, { opcode: 'create' }),
      kernel({ opcode: 'lookup', error: -2 }, { opcode: 'create' }),
    )
    expect(report).toMatchObject({
      agrees: true,
      joinedBy: 'unique',
      matched: 2,
      missing: {},
      phantom: 0,
      opcode: { compared: 2, agreeing: 2 },
      errno: { compared: 2, agreeing: 2 },
      startNs: { count: 2, min: 10, median: 10, p99: 10, max: 10 },
      endNs: { count: 2, min: -5, median: -5, p99: -5, max: -5 },
    })
  })

  test('a request that the log does not show is missing, if the log shows such requests', () => {
    const requests = kernel({ opcode: 'lookup' }, { opcode: 'lookup' }, { opcode: 'statfs' })
    const report = verify(log({ opcode: 'lookup' }), requests)
    expect(report).toMatchObject({ agrees: false, missing: { lookup: 1 }, notShown: { statfs: 1 } })
    expect(verify(log({ opcode: 'lookup' }, { opcode: 'lookup' }), requests).agrees).toBe(true)
  })

  test('an operation without a request is a phantom; FORGET is none', () => {
    const operations = log({ opcode: 'lookup' }, { opcode: 'create', unique: 999 }, { opcode: 'forget', unique: 8 })
    const report = verify(operations, kernel({ opcode: 'lookup' }, { opcode: 'getattr' }))
    expect(report).toMatchObject({ agrees: false, phantom: 1, untraced: 1 })
    expect(report.phantoms).toMatchObject([{ id: 1, unique: 999, log: 'create' }])
  })

  test('a phantom is none where the trace lost events', () => {
    const operations = log({ opcode: 'lookup' }, { opcode: 'create' })
    const requests = kernel({ opcode: 'lookup' }, { opcode: 'getattr', unique: 8 })
    expect(verify(operations, requests, { lost: 3 })).toMatchObject({ agrees: true, phantom: 1, kernelLost: 3 })
    expect(verify(operations, requests).agrees).toBe(false)
  })

  test('another opcode and another outcome are named', () => {
    const report = verify(
      log({ opcode: 'mkdir' }, { opcode: 'unlink', status: 'error', errno: 'EPERM' }, { opcode: 'rmdir' }),
      kernel({ opcode: 'rmdir' }, { opcode: 'unlink', error: -2 }, { opcode: 'rmdir', error: -39 }),
    )
    expect(report.agrees).toBe(false)
    expect(report.opcode.examples).toMatchObject([{ id: 0, log: 'mkdir', kernel: 'rmdir' }])
    expect(report.errno.examples).toMatchObject([
      { id: 1, log: 'unlink EPERM', kernel: 'unlink ENOENT' },
      { id: 2, log: 'rmdir ok', kernel: 'rmdir ENOTEMPTY' },
    ])
  })

  test('what the log does not show cannot disagree', () => {
    const report = verify(
      log({ opcode: 'unlink', status: 'error' }, { opcode: 'mkdir', status: 'unknown' }, { opcode: 'rename' }),
      kernel({ opcode: 'unlink', error: -13 }, { opcode: 'mkdir', error: -17 }, { opcode: 'rename2' }),
    )
    expect(report).toMatchObject({ agrees: true, errno: { compared: 2, agreeing: 2 } })
  })

  test('an operation without a name is matched and not compared', () => {
    const report = verify(log({ opcode: 'unknown' }), kernel({ opcode: 'fallocate' }))
    expect(report).toMatchObject({ agrees: true, matched: 1, missing: {}, opcode: { compared: 0 } })
  })

  test('an id that is used again joins the request of its time', () => {
    const requests = kernel(
      { opcode: 'lookup', unique: 4, at: 0 },
      { opcode: 'lookup', unique: 4, at: 50_000 },
      { opcode: 'lookup', unique: 4, at: 90_000, error: -2 },
    )
    const operations = log(
      { opcode: 'lookup', unique: 4, startNs: 10 },
      { opcode: 'lookup', unique: 4, startNs: 90_010, status: 'error', errno: 'ENOENT' },
    )
    const { pairs, requests: left } = join(operations, requests)
    expect(pairs.map(({ operation, request }) => [operation.id, request.sendNs])).toEqual([
      [0, 0],
      [1, 90_000],
    ])
    expect(left.map((request) => request.sendNs)).toEqual([50_000])
  })

  test('of two operations with one id the one with another opcode is the phantom', () => {
    const operations = log({ opcode: 'write', unique: 2 }, { opcode: 'lookup', unique: 2, startNs: 10 })
    const { pairs, operations: left } = join(operations, kernel({ opcode: 'lookup' }))
    expect(pairs[0]?.operation.opcode).toBe('lookup')
    expect(left.map((one) => one.opcode)).toEqual(['write'])
  })

  test('requests that the daemon did not live to answer are not missing', () => {
    const requests = kernel({ opcode: 'write' }, { opcode: 'write', error: -103 }, { opcode: 'write', end: null })
    expect(verify(log({ opcode: 'write' }), requests)).toMatchObject({ agrees: true, aborted: 2, missing: {} })
  })

  test('operations outside the time of the trace are counted apart', () => {
    const operations = log(
      { opcode: 'lookup', startNs: -5e9, endNs: -4e9, unique: 90 },
      { opcode: 'lookup', unique: 2 },
    )
    expect(verify(operations, kernel({ opcode: 'lookup' }))).toMatchObject({ agrees: true, phantom: 0, outside: 1 })
  })

  test('times of another clock are not compared', () => {
    const operations = log({ opcode: 'lookup' }).map((one) => ({ ...one, startNs: 5e12, endNs: 5e12 }))
    expect(verify(operations, kernel({ opcode: 'lookup' }))).toMatchObject({
      agrees: true,
      clocks: 'different',
      startNs: { count: 0, median: null },
    })
  })
})

test('of opcodes that a dialect shows only partly, what is not there is not missing; what is there still has to agree', () => {
  const requests = kernel({ opcode: 'getxattr', error: -61 }, { opcode: 'getxattr' }, { opcode: 'rename2' })
  const operations = log({ opcode: 'getxattr', status: 'error', errno: 'ENODATA' })
  expect(verify(operations, requests).agrees).toBe(false)
  const report = verify(operations, requests, { partly: ['getxattr', 'rename'] })
  expect(report).toMatchObject({ agrees: true, missing: {}, notShown: { getxattr: 1, rename2: 1 } })
  expect(verify(log({ opcode: 'getxattr' }), requests, { partly: ['getxattr'] }).agrees).toBe(false)
})

test('either name of a file that has two is its path', () => {
  const named = (paths: string[]) => kernel({ opcode: 'open' }).map((one) => ({ ...one, path: '/a', paths }))
  const operations = log({ opcode: 'open', path: '/hard' })
  expect(verify(operations, named(['/a', '/hard'])).path).toMatchObject({ compared: 1, agreeing: 1 })
  expect(verify(operations, named(['/a', '/b'])).path).toMatchObject({ compared: 1, agreeing: 0 })
})

describe('without ids', () => {
  test('joins by opcode and order', () => {
    const operations = log({ opcode: 'lookup' }, { opcode: 'create' }, { opcode: 'lookup' }).map((one) => ({
      ...one,
      unique: null,
    }))
    const report = verify(operations, kernel({ opcode: 'lookup' }, { opcode: 'create' }, { opcode: 'lookup' }))
    expect(report).toMatchObject({ agrees: true, joinedBy: 'order', matched: 3 })
  })

  test('finds which of several was left out', () => {
    const operations = log({ opcode: 'read', startNs: 10 }, { opcode: 'read', startNs: 2010 }).map((one) => ({
      ...one,
      unique: null,
    }))
    const { pairs, requests } = join(operations, kernel({ opcode: 'read' }, { opcode: 'read' }, { opcode: 'read' }))
    expect(pairs.map(({ request }) => request.sendNs)).toEqual([0, 2000])
    expect(requests.map((request) => request.sendNs)).toEqual([1000])
  })

  test('some with ids and some without', () => {
    const [first, second, third] = log({ opcode: 'read' }, { opcode: 'read' }, { opcode: 'read' }) as [
      Witness,
      Witness,
      Witness,
    ]
    const operations = [{ ...first, unique: null }, second, { ...third, unique: null }]
    const { pairs, operations: left } = join(
      operations,
      kernel({ opcode: 'read' }, { opcode: 'read' }, { opcode: 'read' }),
    )
    expect(pairs.map(({ operation, request }) => [operation.id, request.sendNs])).toEqual([
      [0, 0],
      [1, 1000],
      [2, 2000],
    ])
    expect(left).toEqual([])
  })

  test('an operation far from every request of its opcode is a phantom', () => {
    const operations = log({ opcode: 'read', startNs: 10 }, { opcode: 'mkdir', startNs: 20e9 }).map((one) => ({
      ...one,
      unique: null,
    }))
    const requests = kernel({ opcode: 'read' }, { opcode: 'mkdir', at: 2000 }, { opcode: 'read', at: 30e9 })
    expect(verify(operations, requests)).toMatchObject({ agrees: false, phantom: 1, missing: { read: 1, mkdir: 1 } })
  })
})

test('many operations of one opcode, some left out at the end', () => {
  const many = 60_000
  const operations = log(...Array.from({ length: many }, () => ({ opcode: 'read', unique: null })))
  const requests = kernel(...Array.from({ length: many + 500 }, () => ({ opcode: 'read' })))
  expect(verify(operations, requests)).toMatchObject({ matched: many, missing: { read: 500 } })
})

describe('a log without ids', () => {
  const anonymous = (...given: Parameters<typeof log>) => log(...given).map((one) => ({ ...one, unique: null }))

  test('is not taken for requests that came after it', () => {
    const requests = kernel({ opcode: 'mkdir', at: 0 }, { opcode: 'mkdir', at: 500e6 }, { opcode: 'mkdir', at: 510e6 })
    const operations = anonymous({ opcode: 'mkdir', startNs: 400e6 }, { opcode: 'mkdir', startNs: 520e6 })
    const { pairs } = join(operations, requests)
    expect(pairs.map(({ request }) => request.sendNs)).toEqual([0, 510e6])
  })

  test('is joined by outcome where times alone would mislead', () => {
    const requests = kernel(
      { opcode: 'unlink', at: 0, error: -2 },
      { opcode: 'unlink', at: 1e6 },
      { opcode: 'unlink', at: 2e6, error: -2 },
    )
    // The log shows successes only, late.
    const operations = anonymous({ opcode: 'unlink', startNs: 4e6, endNs: 5e6 })
    expect(verify(operations, requests)).toMatchObject({
      agrees: true,
      matched: 1,
      errno: { compared: 1, agreeing: 1 },
    })
  })

  test('is joined by path', () => {
    const requests = kernel({ opcode: 'getattr', at: 0 }, { opcode: 'getattr', at: 10 }, { opcode: 'getattr', at: 20 })
    for (const [i, path] of ['/a', '/b', '/a'].entries()) Object.assign(requests[i] ?? {}, { path })
    const operations = anonymous({ opcode: 'getattr', path: '/b', startNs: 5e6 })
    expect(verify(operations, requests)).toMatchObject({ agrees: true, path: { compared: 1, agreeing: 1 } })
  })

  test('names a file that was removed while it is open by a name that the kernel does not have', () => {
    const requests = kernel({ opcode: 'write', at: 0 }, { opcode: 'read', at: 10 })
    for (const request of requests) Object.assign(request, { path: '/a' })
    const hidden = '/d/.fuse_hidden000000c500000001'
    const verified = verify(
      log({ opcode: 'write', path: hidden }, { opcode: 'read', path: '/.fuse_hidden_mine' }),
      requests,
    )
    expect(verified.path).toMatchObject({ compared: 1, agreeing: 0 })
  })

  test('that leaves out most requests of an opcode misses none; one that shows nearly all does', () => {
    const requests = kernel(...Array.from({ length: 40 }, () => ({ opcode: 'read' })))
    const shows = (count: number) => anonymous(...Array.from({ length: count }, () => ({ opcode: 'read' })))
    expect(verify(shows(10), requests)).toMatchObject({ agrees: true, missing: {}, notShown: { read: 30 } })
    expect(verify(shows(39), requests)).toMatchObject({ agrees: false, missing: { read: 1 } })
  })

  test('costs no more than it must: ten thousand of one opcode', () => {
    const given = Array.from({ length: 10_000 }, () => ({ opcode: 'write' }))
    expect(verify(anonymous(...given), kernel(...given))).toMatchObject({ agrees: true, matched: 10_000 })
  })
})

test('a trace that lost events proves nothing', () => {
  const operations = log({ opcode: 'lookup' }, { opcode: 'create' })
  const whole = kernel({ opcode: 'lookup' }, { opcode: 'create' })
  expect(verify(operations, whole).verdict).toBe('agrees')
  expect(verify(operations, whole, { lost: 3 }).verdict).toBe('cannot tell')
  expect(verify(operations, whole.slice(0, 1), { lost: 3 }).verdict).toBe('cannot tell')
  expect(verify(operations, kernel({ opcode: 'lookup' }, { opcode: 'mkdir' }), { lost: 3 }).verdict).toBe('disagrees')
})

test('one operation without an id is joined with one of hundreds of thousands of requests', () => {
  const [one] = kernel({ opcode: 'getattr' })
  const requests = Array.from({ length: 300_000 }, (_, i) => ({
    ...(one as NonNullable<typeof one>),
    sendNs: i * 1000,
  }))
  const [operation] = log({ opcode: 'getattr' })
  const joined = join([{ ...(operation as Witness), unique: null }], requests)
  expect(joined.pairs).toHaveLength(1)
  expect(joined.requests).toHaveLength(299_999)
})
