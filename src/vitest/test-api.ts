/** What is changed of vitest's test function; each is asked when a test or hook is declared. */
export interface TestApiChanges {
  /** Whether a test is to run twice: once to be recorded, once to be replayed. */
  twice(): boolean
  /** Hooks of our own, by their names. */
  readonly hooks: Readonly<Record<string, (...args: never[]) => unknown>>
}

/** Properties that make another test function at once, and those that make one when they are called. */
const CHAINED: ReadonlySet<string | symbol> = new Set(['concurrent', 'sequential', 'skip', 'only', 'todo', 'fails'])
const MAKING: ReadonlySet<string | symbol> = new Set(['each', 'for', 'skipIf', 'runIf', 'extend', 'override', 'scoped'])

/** Vitest's test function with changes, which go along to all that is made of it (`test.each`, `test.extend` …). */
export function changedApi<T extends object>(api: T, changes: TestApiChanges, fails = false): T {
  return new Proxy(api, {
    apply(target, self, args: unknown[]) {
      const given = !fails && changes.twice() ? twice(args) : args
      return Reflect.apply(target as (...args: unknown[]) => unknown, self, given)
    },
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof name === 'string' && Object.hasOwn(changes.hooks, name)) return changes.hooks[name]
      if (typeof value !== 'function') return value
      if (CHAINED.has(name)) return changedApi(value, changes, fails || name === 'fails')
      if (!MAKING.has(name)) return value
      return (...args: unknown[]) => changedApi(value.apply(target, args) as object, changes, fails)
    },
  })
}

/** The arguments of a test (`name, options?, fn, timeout?`) such that it runs twice as often. */
function twice(args: readonly unknown[]): readonly unknown[] {
  const [name, ...rest] = args
  const fn = rest.find((arg) => typeof arg === 'function')
  const options = rest.find((arg) => typeof arg === 'object' && arg !== null) as
    | { repeats?: number; fails?: boolean }
    | undefined
  const timeout = rest.find((arg) => typeof arg === 'number')
  if (fn === undefined || options?.fails) return args
  const repeats = ((options?.repeats ?? 0) + 1) * 2 - 1
  return [name, { ...options, ...(timeout !== undefined && { timeout }), repeats }, fn]
}
