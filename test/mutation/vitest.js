// Stands in for vitest where tests are run for each mutant: what the tests of these rooms use of it, in one process, without its start.
import { createRequire } from 'node:module'

const vitest = createRequire(import.meta.resolve('vitest'))
const { ASYMMETRIC_MATCHERS_OBJECT, chai, GLOBAL_EXPECT, setState, ...plugins } = await import(
  vitest.resolve('@vitest/expect')
)
const { fn, restoreAllMocks, spyOn } = await import(vitest.resolve('@vitest/spy'))
const { JestAsymmetricMatchers, JestChaiExpect, JestExtend } = plugins

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)
export const expect = Object.assign((value, words) => chai.expect(value, words), chai.expect, {
  unreachable: (words) => chai.assert.fail(words),
})
Object.defineProperties(expect, Object.getOwnPropertyDescriptors(globalThis[ASYMMETRIC_MATCHERS_OBJECT]))
globalThis[GLOBAL_EXPECT] = expect
setState({ assertionCalls: 0 }, expect)

const suiteIn = (parent, name) => ({
  parent,
  name,
  beforeAll: [],
  beforeEach: [],
  afterEach: [],
  afterAll: [],
  begun: false,
})
let suite = suiteIn(null, '')
/** All tests, in order. */
export const tests = []

export const [beforeAll, beforeEach, afterEach, afterAll] = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'].map(
  (when) => (hook) => void suite[when].push(hook),
)

function addTest(name, ...rest) {
  tests.push({ name, suite, act: rest.find((one) => typeof one === 'function') })
}

function addSuite(name, act) {
  suite = suiteIn(suite, name)
  try {
    act()
  } finally {
    suite = suite.parent
  }
}

const withForms = (add) =>
  Object.assign(add, {
    each:
      (table) =>
      (name, act, ...rest) => {
        for (const [i, row] of table.entries())
          add(`${name} [${i}]`, () => act(...(Array.isArray(row) ? row : [row])), ...rest)
      },
    skipIf: (skipped) => (skipped ? () => undefined : add),
    skip: () => undefined,
  })
export const test = withForms(addTest)
export const describe = withForms(addSuite)

const environment = new Map()
export const vi = {
  fn,
  spyOn,
  restoreAllMocks,
  hoisted: (make) => make(),
  // No module is replaced: a test that needs one fails without a mutant too, and is not asked.
  mock: () => undefined,
  stubEnv(name, value) {
    if (!environment.has(name)) environment.set(name, process.env[name])
    process.env[name] = value
  },
  unstubAllEnvs() {
    for (const [name, value] of environment) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    environment.clear()
  },
}

const around = (one) => (one === null ? [] : [...around(one.parent), one])

/** Runs one test; rejects where it fails. */
export async function run({ suite: within, act }) {
  const suites = around(within)
  for (const one of suites) {
    if (!one.begun) for (const hook of one.beforeAll) await hook()
    one.begun = true
  }
  try {
    for (const one of suites) for (const hook of one.beforeEach) await hook()
    await act({})
  } finally {
    for (const one of suites.reverse()) for (const hook of one.afterEach) await hook()
  }
}
