import { describe, expect, test } from 'vitest'
import { checkFault, describeFault, type FaultSpec } from '../../src/faults/fault.js'
import { FaultPlan } from '../../src/faults/plan.js'

const write = (path = '/a.txt') => ({ opcode: 'write', path, newPath: null })

describe('which request meets a fault', () => {
  test('the nth of that opcode and path, once', () => {
    const plan = new FaultPlan()
    plan.add(0, { opcode: 'write', path: 'a.txt', nth: 3, errno: 'ENOSPC' })
    const met = [write(), write('/b'), write(), write(), write()].map((view) => plan.next(view) !== null)
    expect(met).toEqual([false, false, false, true, false])
  })

  test('as often as it says from the nth on', () => {
    const plan = new FaultPlan()
    plan.add(0, { opcode: 'write', nth: 2, times: 2, errno: 'EIO' })
    expect([1, 2, 3, 4].map(() => plan.next(write()) !== null)).toEqual([false, true, true, false])
  })

  test('paths take * for a name and ** for any depth, and nothing else is special', () => {
    const met = (path: string, request: string): boolean => {
      const plan = new FaultPlan()
      plan.add(0, { path, errno: 'EIO' })
      return plan.next(write(request)) !== null
    }
    expect(met('*.txt', '/a.txt')).toBe(true)
    expect(met('*.txt', '/d/a.txt')).toBe(false)
    expect(met('**.txt', '/d/a.txt')).toBe(true)
    expect(met('/d/**', '/d/e/f')).toBe(true)
    expect(met('a+b(c)', '/a+b(c)')).toBe(true)
    expect(met('a.txt', '/aXtxt')).toBe(false)
    expect(met('*', '/a\nb')).toBe(true)
  })

  test('a rename is met by its new name too, and by either opcode', () => {
    const plan = new FaultPlan()
    plan.add(0, { opcode: 'rename', path: 'new', errno: 'EIO' })
    expect(plan.next({ opcode: 'rename2', path: '/old', newPath: '/new' })).not.toBeNull()
  })

  test('without an opcode it is any that is answered, but never INIT', () => {
    const plan = new FaultPlan()
    plan.add(0, { errno: 'EIO' })
    const met = (opcode: string) => plan.next({ opcode, path: null, newPath: null }) !== null
    expect(['init', 'forget', 'interrupt', 'statfs'].map(met)).toEqual([false, false, false, true])
  })

  test('a probability and a seed give the same requests each time, another seed others', () => {
    const run = (seed: number): string => {
      const plan = new FaultPlan(seed)
      plan.add(0, { opcode: 'write', probability: 0.3, errno: 'EIO' })
      return Array.from({ length: 200 }, () => (plan.next(write()) ? 'x' : '.')).join('')
    }
    expect(run(7)).toBe(run(7))
    expect(run(7)).not.toBe(run(8))
    const met = run(7).replaceAll('.', '').length
    expect(met).toBeGreaterThan(30)
    expect(met).toBeLessThan(90)
  })

  test('the first of several is the one; all count', () => {
    const plan = new FaultPlan()
    plan.add(0, { opcode: 'write', nth: 1, errno: 'EIO' })
    plan.add(1, { opcode: 'write', nth: 2, errno: 'ENOSPC' })
    expect([write(), write()].map((view) => plan.next(view)?.id)).toEqual([0, 1])
  })
})

describe('what is wrong with a fault is said', () => {
  test.each([
    [{ errno: 'ENOPE' }, '"ENOPE" is no error'],
    // Answers hold errors up to 511.
    [{ errno: 'ERESTARTSYS' }, '"ERESTARTSYS" is no error'],
    [{ opcode: 'wirte', errno: 'EIO' }, '"wirte" is no opcode: did you mean write?'],
    [{ opcode: 'write' }, 'must say what goes wrong'],
    [{ errno: 'EIO', drop: true }, 'one thing, not 2'],
    [{ errno: 'EIO', instead: true, after: true }, 'exclude each other'],
    [{ opcode: 'forget', errno: 'EIO', after: true }, 'forget is never answered'],
    [{ errno: 'EIO', probability: 2 }, '"probability"'],
    [{ errno: 'EIO', nth: 0 }, '"nth"'],
    [{ errno: 'EIO', paht: 'x' }, 'did you mean path?'],
    [{ kill: 'rm -rf' }, 'is no signal'],
    [{ kill: 'SIGFOO' }, 'is no signal'],
    [{ delayMs: -1 }, '"delayMs"'],
    [{ delayMs: 1e300 }, '"delayMs" must be a time in ms, at most 24 days'],
    [{ freeze: Number.POSITIVE_INFINITY }, '"freeze" must be true or a time'],
    [{ freeze: '5' }, '"freeze" must be true or a time'],
    [{ errno: 'EIO', times: 1.5 }, '"times" must be a whole number'],
    [{ errno: 'EIO', times: '2' }, '"times" must be a whole number'],
    [{ errno: 'EIO', probability: '0.5' }, '"probability"'],
    [{ errno: 'EIO', after: 'no' }, '"after" must be true or false'],
    [{ opcode: 'forget', errno: 'EIO' }, 'forget is never answered'],
    [{ reorder: true, instead: true }, '"reorder" is about answers'],
  ])('%j', (spec, message) => {
    expect(() => checkFault(spec as FaultSpec)).toThrow(
      expect.objectContaining({ code: 'FT_USAGE', message: expect.stringContaining(message) }),
    )
  })
})

test('a fault is reported in words', () => {
  const text = (spec: object): string => describeFault(checkFault(spec))
  expect(text({ opcode: 'write', nth: 3, path: 'a.txt', errno: 'ENOSPC' })).toBe(
    'error ENOSPC at write number 3 of a.txt',
  )
  expect(text({ opcode: ['open', 'create'], errno: 'EIO', after: true })).toBe('error EIO after a open or create')
  expect(text({ drop: true, probability: 0.5 })).toBe('a lost answer after a request (probability 0.5)')
})
