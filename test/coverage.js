// What of src the tests run, in their own process and in the programs that they start (the built CLI, threads, daemons' guards).
//   node test/coverage.js [TEST…]
// Prints a table of rooms and the files that only child processes run; coverage/statements.json has each statement's counts.
//
// vitest counts what it loads itself. Programs run the bundles of dist: Node writes what each ran (NODE_V8_COVERAGE), and the bundles'
// source maps say which statement of src stands where. A program that is killed writes nothing.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generatedPositionFor, LEAST_UPPER_BOUND, TraceMap } from '@jridgewell/trace-mapping'
import { build } from 'rolldown'
import bundles from './bundle.config.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const directory = join(root, 'coverage')
const children = join(directory, 'children')
const dist = new URL('../dist/', import.meta.url).href
/** So many files are listed. */
const MAX_FILES = 30

for (const part of ['children', 'maps', 'in-process']) rmSync(join(directory, part), { recursive: true, force: true })
mkdirSync(children, { recursive: true })
const maps = await built()
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'test/coverage.config.ts',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CHILDREN_COVERAGE: children } },
)
const files = statements()
addChildren(files)
report(files)
process.exitCode = status ?? 1

/** Builds dist as ever, but for the maps, which are put aside: what it loads is the same. */
async function built() {
  for (const bundle of bundles)
    await build({ ...bundle, logLevel: 'silent', output: { ...bundle.output, sourcemap: 'hidden' } })
  mkdirSync(join(directory, 'maps'))
  return readdirSync(join(root, 'dist'))
    .filter((name) => name.endsWith('.js.map'))
    .map((name) => {
      const script = name.slice(0, -'.map'.length)
      renameSync(join(root, 'dist', name), join(directory, 'maps', name))
      const map = new TraceMap(readFileSync(join(directory, 'maps', name), 'utf8'))
      return { script, map, code: readFileSync(join(root, 'dist', script), 'utf8') }
    })
}

/** Each file's statements, by its path: where it begins, how often tests ran it themselves, whether a child did. */
function statements() {
  const { entries, fromEntries } = Object
  const counted = JSON.parse(readFileSync(join(directory, 'in-process/coverage-final.json'), 'utf8'))
  const ofFile = ({ statementMap, s }) =>
    entries(statementMap).map(([id, { start }]) => ({ ...start, here: s[id] > 0, child: false }))
  return fromEntries(entries(counted).map(([path, file]) => [relative(root, path), ofFile(file)]))
}

function addChildren(files) {
  const ran = new Map(maps.map(({ script, code }) => [script, new Uint8Array(code.length)]))
  for (const name of readdirSync(children)) addProcess(ran, ranBy(join(children, name)))
  for (const { script, map, code } of maps) {
    const lines = lineStarts(code)
    const covered = ran.get(script)
    for (const source of map.sources) {
      // Sources are named from dist.
      const known = files[relative(root, join(root, 'dist', source ?? ''))]
      for (const statement of known ?? []) {
        const { line, column } = statement
        const at = generatedPositionFor(map, { source, line, column, bias: LEAST_UPPER_BOUND })
        if (at.line !== null && covered[lines[at.line - 1] + at.column] === 1) statement.child = true
      }
    }
  }
}

/** What one process ran; nothing where it was killed while it wrote that. */
function ranBy(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).result
  } catch {
    console.log(`left out, cut: ${basename(file)}`)
    return []
  }
}

/** Marks what one process ran; inner ranges come after those around them. */
function addProcess(ran, scripts) {
  for (const { url, functions } of scripts) {
    // Others have files of these names in a `dist` too.
    const all = url.startsWith(dist) ? ran.get(url.slice(dist.length)) : undefined
    if (all === undefined) continue
    const own = new Uint8Array(all.length)
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges) own.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    for (const [i, one] of own.entries()) if (one === 1) all[i] = 1
  }
}

function lineStarts(code) {
  const starts = [0]
  for (let at = code.indexOf('\n'); at !== -1; at = code.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function report(files) {
  writeFileSync(join(directory, 'statements.json'), JSON.stringify(files))
  const rooms = new Map([['all', []]])
  for (const [path, list] of Object.entries(files)) {
    const [, room, below] = path.split('/')
    const name = below === undefined ? '.' : room
    rooms.set(name, [...(rooms.get(name) ?? []), ...list])
    rooms.get('all').push(...list)
  }
  const count = (list, is) => list.filter(is).length
  console.log('\nroom        statements  in process  with children')
  for (const [room, list] of [...rooms].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const shares = [count(list, ({ here }) => here), count(list, ({ here, child }) => here || child)]
    const texts = shares.map((share) => `${((100 * share) / list.length).toFixed(1)} %`)
    console.log(`${room.padEnd(12)}${String(list.length).padStart(10)}${texts[0].padStart(12)}${texts[1].padStart(15)}`)
  }
  const only = Object.entries(files).map(([path, list]) => [
    path,
    list.length,
    count(list, (one) => one.child && !one.here),
  ])
  console.log('\nstatements that only child processes run')
  for (const [path, all, alone] of only.sort((a, b) => b[2] - a[2]).slice(0, MAX_FILES))
    if (alone > 0) console.log(`${String(alone).padStart(5)} of ${String(all).padStart(4)}  ${path}`)
}
