// Runs the tests of a room, one mutant after the other; see test/mutation.js.
import { parentPort, workerData } from 'node:worker_threads'

const { files, shim } = workerData
const { tests, run } = await import(shim)
/** What Stryker's switches read. */
const stryker = { mutantCoverage: { static: {}, perTest: {} } }
globalThis.__stryker__ = stryker
for (const file of files) await import(file)
process.on('unhandledRejection', () => undefined)

/** Processor time of this process, in ms: on a busy machine the clock on the wall says little. */
const spent = () => process.cpuUsage().user / 1000

/** Runs each test alone: which mutants it comes by, how often, and how long it takes. */
async function dryRun() {
  const found = []
  for (const [i, test] of tests.entries()) {
    stryker.currentTestId = String(i)
    const began = spent()
    let error = null
    try {
      await run(test)
    } catch (thrown) {
      error = thrown?.message ?? String(thrown)
    }
    found.push({ name: test.name, ms: spent() - began, error, hits: stryker.mutantCoverage.perTest[i] ?? {} })
  }
  stryker.currentTestId = undefined
  return { tests: found, load: stryker.mutantCoverage.static }
}

/** Whether one of these tests fails with the mutant. */
async function isNoticed({ id, by, limit }) {
  stryker.activeMutant = id
  stryker.hitLimit = limit
  try {
    for (const i of by) {
      stryker.hitCount = 0
      await run(tests[i])
    }
    return false
  } catch {
    return true
  } finally {
    stryker.activeMutant = undefined
    stryker.hitLimit = undefined
  }
}

parentPort.on('message', async (asked) => {
  // A test that waits for what never comes has nothing left to do: then this thread ends, which is an answer too.
  parentPort.unref()
  const answer = asked === 'dry' ? await dryRun() : await isNoticed(asked)
  parentPort.ref()
  parentPort.postMessage(answer)
})
parentPort.postMessage('ready')
