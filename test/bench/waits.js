// How long each wait takes on a real daemon, and whether it is satisfied at all: for daemons whose logs show more or less by
// their levels. Run by hand after a build:
//   node test/bench/waits.js [-n TIMES] [-e NAME=VALUE]… -- DAEMON…     ({mountpoint} and {branch} stand for directories)
import { promises as fs, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLive } from '../../dist/index.js'
import { median } from './measure.js'

const [own, daemon] = [process.argv.slice(2), []]
const dashes = own.indexOf('--')
if (dashes < 0 || dashes === own.length - 1) {
  console.error('usage: node test/bench/waits.js [-n TIMES] [-e NAME=VALUE]… -- DAEMON… {mountpoint} … {branch}')
  process.exit(2)
}
daemon.push(...own.splice(dashes).slice(1))
const environment = {}
let times = 5
for (let i = 0; i < own.length; i += 2) {
  const value = own[i + 1] ?? ''
  if (own[i] === '-n') times = Number(value)
  else environment[value.slice(0, value.indexOf('='))] = value.slice(value.indexOf('=') + 1)
}

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-waits-'))
const [branch, mountpoint] = ['branch', 'mount'].map((name) => join(directory, name))
for (const path of [branch, mountpoint]) mkdirSync(path)
const command = daemon.map((word) => word.replaceAll('{mountpoint}', mountpoint).replaceAll('{branch}', branch))
const session = await startLive({ daemon: command, environment, mountpoint })
const { waitFor } = session
const at = (name) => join(mountpoint, name)
const limit = { timeoutMs: 3000 }

/** What is done, and the wait for it; in this order, on the files of one round. */
const steps = (i) => [
  ['fileVisible', () => fs.writeFile(at(`a${i}`), 'x'), () => waitFor.fileVisible(`a${i}`, limit)],
  ['writeComplete, new', () => fs.writeFile(at(`w${i}`), 'x'), () => waitFor.writeComplete(`w${i}`, limit)],
  ['writeComplete, again', () => fs.appendFile(at(`w${i}`), 'y'), () => waitFor.writeComplete(`w${i}`, limit)],
  ['released', () => fs.writeFile(at(`r${i}`), 'x'), () => waitFor.released(`r${i}`, limit)],
  ['dirVisible', () => fs.mkdir(at(`d${i}`)), () => waitFor.dirVisible(`d${i}`, limit)],
  [
    'operation: write',
    () => fs.writeFile(at(`a${i}`), 'z'),
    () => waitFor.operation({ opcode: 'write', path: `a${i}` }, limit),
  ],
  [
    'operation: setattr',
    () => fs.chmod(at(`a${i}`), 0o600),
    () => waitFor.operation({ opcode: 'setattr', path: `a${i}` }, limit),
  ],
  [
    'operation: read',
    () => fs.readFile(at(`a${i}`)),
    () => waitFor.operation({ opcode: 'read', path: `a${i}` }, limit),
  ],
  [
    'operations',
    () => fs.writeFile(at(`a${i}`), 'q'),
    () => waitFor.operations([{ opcode: 'write', path: `a${i}` }], limit),
  ],
  ['renamed', () => fs.rename(at(`a${i}`), at(`b${i}`)), () => waitFor.renamed(`a${i}`, `b${i}`, limit)],
  ['deleted', () => fs.unlink(at(`b${i}`)), () => waitFor.deleted(`b${i}`, limit)],
  [
    'fileVisible, on the branch',
    () => writeFileSync(join(branch, `below${i}`), 'x'),
    () => waitFor.fileVisible(`below${i}`, limit),
  ],
]

const rows = new Map()
try {
  for (let i = 0; i < times; i++) {
    for (const [name, act, wait] of steps(i)) {
      const row = rows.get(name) ?? { ms: [], by: new Set(), failed: 0 }
      rows.set(name, row)
      await session.step(name, act)
      const began = performance.now()
      try {
        row.by.add((await wait()).by)
        row.ms.push(performance.now() - began)
      } catch {
        row.failed++
      }
    }
  }
} finally {
  await session.close()
  rmSync(directory, { recursive: true })
}
console.log(
  `waits on ${daemon[0]}, dialect ${session.monitor.interpreter.dialect?.name ?? 'none'}: median and longest of ${times}, ms`,
)
for (const [name, { ms, by, failed }] of rows) {
  const figures = ms.length === 0 ? '' : [median(ms), Math.max(...ms)].map((one) => one.toFixed(1).padStart(8)).join('')
  console.log(
    `  ${name.padEnd(28)}${figures}  ${[...by].join(', ')}${failed > 0 ? `  NOT SATISFIED ${failed} times` : ''}`,
  )
}
