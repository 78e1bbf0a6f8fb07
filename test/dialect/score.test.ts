import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'vitest'
import { type Score, scoreCapture } from './score.js'

/** For development: scores the captures that SCORE names (folders, or `/some/corpus/*`), see score.ts. */
const wanted = (process.env.SCORE ?? '')
  .split(' ')
  .filter((name) => name !== '')
  .flatMap((name) =>
    name.endsWith('*')
      ? readdirSync(dirname(name))
          .filter((entry) => entry.startsWith(basename(name).slice(0, -1)))
          .map((entry) => join(dirname(name), entry))
      : [name],
  )
  .filter((name) => !name.startsWith('/') || existsSync(join(name, 'meta.json')))

const three = (share: number | null): string => (share === null ? '  -  ' : share.toFixed(3))

function row(name: string, s: Score): string {
  const notes = [s.missing.slice(0, 4), s.badOpcodes.slice(0, 3), s.badErrnos.slice(0, 3), s.pathMisses.slice(0, 5)]
  return [
    basename(name).padEnd(34),
    s.dialect.padEnd(14),
    `ops ${s.operations.length} recall ${three(s.recall)} phantom ${s.phantom} opcode ${three(s.opcode)}`,
    `errno ${three(s.errno)} known ${three(s.errnoKnown)} path ${three(s.path)}/${s.pathCount}`,
    `unparsed ${s.unparsed}/${s.lines} start ${s.startUs} us`,
    notes.flatMap((note) => (note.length > 0 ? [JSON.stringify(note)] : [])).join(' '),
  ].join(' ')
}

test.runIf(wanted.length > 0)('scores', { timeout: 600_000 }, () => {
  for (const name of wanted) process.stdout.write(`${row(name, scoreCapture(name))}\n`)
})
