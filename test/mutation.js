// Breaks single pieces of the rooms that waits rest on, one at a time (Stryker's mutations), and asks their tests whether they notice.
//   node test/mutation.js [ROOM | ROOM/FILE]… [every=N]
// Default: all rooms; FILE is the begin of a name below the room; `every=7` tries each seventh mutant only.
// Prints what survived, room by room, and exits 1 where a score is below 0.85. What survives and why: test/MUTANTS.md
//
// Stryker's own runner starts vitest anew for each mutant, which takes most of a second; here the tests run in one thread, in a few
// milliseconds each. A loop without an end is stopped by how often it comes by the mutant; a wait for what never comes is the end of
// the thread, as nothing is left for it to do; what goes on for ever in any other way is stopped after some seconds.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { rolldown } from 'rolldown'

const stryker = createRequire(import.meta.resolve('@stryker-mutator/core'))
const { createInstrumenter } = await import(stryker.resolve('@stryker-mutator/instrumenter'))

const LEAST = 0.85
/** What is mutated, and which tests are asked: those without mounts and child processes. */
const ROOMS = {
  monitor: { source: /^src\/monitor\// },
  // What only runs tools, processes and threads is held up by live tests, which take too long for each mutant.
  mount: {
    source: /^src\/mount\/(mountinfo|prober|readiness|unmount|watch)\.ts$/,
    tests: /(mountinfo|prober|readiness|unmount)\.test\.ts$/,
  },
  // Those of hostile files take seconds each.
  recording: { source: /^src\/recording\//, tests: /^(?!hostile|golden).*\.test\.ts$/ },
  replay: { source: /^src\/replay\// },
  wait: { source: /^src\/wait\// },
}
/** More often than this, of the times in the run without a mutant, is a loop without an end. */
const HITS = 100
/** For what goes on for ever without coming by its mutant: this, and so many times what its tests took without a mutant. */
const STUCK_MS = 4000
const STUCK_TIMES = 30
/** Of the tests that come by a mutant, the quickest are asked, up to so many ms of processor time without a mutant; one at least. */
const MOST_MS = 1500

const root = fileURLToPath(new URL('..', import.meta.url))
const asked = process.argv.slice(2).filter((one) => !one.startsWith('every='))
const every = Number(process.argv.find((one) => one.startsWith('every='))?.slice(6) ?? 1)
const unknown = asked.find((one) => !Object.hasOwn(ROOMS, one.split('/')[0]))
if (unknown !== undefined) {
  console.error(`no room ${unknown}; there are ${Object.keys(ROOMS).join(', ')}`)
  process.exit(2)
}

const scores = []
for (const one of asked.length > 0 ? asked : Object.keys(ROOMS)) scores.push([one, await score(...one.split(/\/(.*)/))])
console.log('\nroom       score  killed  survived  not covered')
for (const [room, { killed, survived, uncovered, share }] of scores) {
  const columns = [killed, survived, uncovered].map((count, i) => String(count).padStart([7, 9, 12][i]))
  console.log(`${room.padEnd(10)} ${share.toFixed(3)} ${columns.join(' ')}`)
}
process.exit(scores.some(([, { share }]) => share < LEAST) ? 1 : 0)

async function score(room, begin = '') {
  const { source, tests = /\.test\.ts$/ } = ROOMS[room]
  const names = readdirSync(join(root, `src/${room}`), { recursive: true }).map((name) => `src/${room}/${name}`)
  const { mutants, files } = await mutate(
    names.filter((name) => name.endsWith('.ts') && source.test(name) && name.startsWith(`src/${room}/${begin}`)),
  )
  const testFiles = readdirSync(join(root, `test/${room}`), { recursive: true }).filter((name) => tests.test(name))
  mkdirSync(join(root, '.fusetrace'), { recursive: true })
  const directory = mkdtempSync(join(root, '.fusetrace/mutation-'))
  try {
    const bundle = await bundled(
      files,
      testFiles.map((name) => join(root, `test/${room}`, name)),
      directory,
    )
    return await judged(room, mutants, bundle)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The sources with all their mutants in them, each behind a switch. */
async function mutate(names) {
  const quiet = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false }
  const injector = { provideValue: () => injector, injectClass: (Instrumenter) => new Instrumenter(quiet) }
  const files = names.map((name) => ({
    name: join(root, name),
    mutate: true,
    content: readFileSync(join(root, name), 'utf8'),
  }))
  const options = { plugins: null, excludedMutations: [], ignorers: [] }
  const result = await createInstrumenter(injector).instrument(files, options)
  return { mutants: result.mutants, files: new Map(result.files.map(({ name, content }) => [name, content])) }
}

/** The tests with what they need, as files for the thread. */
async function bundled(files, testFiles, directory) {
  const shim = fileURLToPath(new URL('./mutation/vitest.js', import.meta.url))
  const here = {
    name: 'mutated',
    resolveId: (id) => (id === 'vitest' ? shim : /^[./]/.test(id) ? null : { id, external: true }),
    load: (id) => files.get(id) ?? null,
    // Files beside the sources are found by it.
    transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  }
  const build = await rolldown({
    input: [shim, ...testFiles],
    plugins: [here],
    treeshake: false,
    logLevel: 'silent',
    transform: { target: 'es2023' },
  })
  const { output } = await build.write({ dir: directory, entryFileNames: '[name]-[hash].js', keepNames: true })
  await build.close()
  const of = (id) => join(directory, output.find(({ facadeModuleId }) => facadeModuleId === id).fileName)
  return { shim: of(shim), files: testFiles.map(of) }
}

/** A thread with the tests loaded; `ask` resolves to null when it came to its end without an answer. */
async function thread(bundle) {
  const workerData = { ...bundle, begun: false }
  const worker = new Worker(new URL('./mutation/worker.js', import.meta.url), {
    workerData,
    stdout: true,
    stderr: true,
  })
  let answered
  worker.on('message', (answer) => answered(answer))
  worker.on('error', (error) => answered(workerData.begun ? null : error))
  worker.on('exit', () => answered(null))
  const next = () => new Promise((resolve) => (answered = resolve))
  const began = await next()
  if (began !== 'ready') throw new Error(`the tests cannot be loaded: ${began?.message}`)
  workerData.begun = true
  return {
    async ask(question, limitMs) {
      const answer = next()
      worker.postMessage(question)
      const timer = setTimeout(() => worker.terminate(), limitMs)
      const found = await answer
      clearTimeout(timer)
      return found
    },
    end: () => worker.terminate(),
  }
}

async function judged(room, mutants, bundle) {
  let running = await thread(bundle)
  const { tests, load } = await running.ask('dry', 600_000)
  const count = { killed: 0, survived: 0, uncovered: 0 }
  console.log(`\n## ${room}`)
  // Functions lose their names by the switches.
  for (const { name, error } of tests)
    if (error !== null) console.log(`not asked, fails without a mutant: ${name} (${error})`)
  for (const [nth, mutant] of mutants.entries()) {
    if (nth % every !== 0) continue
    const by = tests.flatMap(({ hits, ms, error }, i) =>
      hits[mutant.id] === undefined || error !== null ? [] : [{ i, ms, hits: hits[mutant.id] }],
    )
    // What only loading comes by is the same for all tests.
    if (by.length === 0 && load[mutant.id] !== undefined) continue
    let noticed = false
    if (by.length > 0) {
      by.sort((a, b) => a.ms - b.ms)
      let most = 0
      for (let sum = 0; most < by.length && (most === 0 || sum <= MOST_MS); most++) sum += by[most].ms
      const few = by.slice(0, most)
      const limit = HITS * Math.max(...few.map(({ hits }) => hits))
      const limitMs = STUCK_MS + STUCK_TIMES * few.reduce((all, { ms }) => all + ms, 0)
      const answer = await running.ask({ id: mutant.id, by: few.map(({ i }) => i), limit }, limitMs)
      noticed = answer ?? true
      if (answer === null) running = await thread(bundle)
    }
    count[noticed ? 'killed' : by.length > 0 ? 'survived' : 'uncovered']++
    if (!noticed) console.log(described(mutant, by.length > 0))
    if (process.stderr.isTTY) process.stderr.write(`\r${room} ${nth + 1}/${mutants.length}\x1b[K`)
  }
  await running.end()
  return { ...count, share: count.killed / (count.killed + count.survived + count.uncovered) }
}

function described({ fileName, location, mutatorName, replacement = '' }, covered) {
  const lines = readFileSync(fileName, 'utf8').split('\n')
  const { line } = location.start
  const by = replacement.replaceAll(/\s+/g, ' ').slice(0, 60)
  const at = `${fileName.slice(root.length)}:${line + 1} ${covered ? 'survived' : 'not covered'}`
  return `${at} ${mutatorName} → ${by} | ${(lines[line] ?? '').trim().slice(0, 100)}`
}
