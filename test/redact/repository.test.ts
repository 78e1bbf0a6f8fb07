import { readdirSync } from 'node:fs'
import { homedir, hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { findShapes } from '../../src/redact/shapes.js'

const directory = fileURLToPath(new URL('../../recordings', import.meta.url))
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.fusetrace'),
)

/** All that a recording holds, bytes as they are. */
function* textsOf(path: string): Generator<string> {
  const reader = openRecording(path)
  try {
    yield JSON.stringify(reader.header, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    for (const row of reader.rows()) {
      if (row.kind === 'line') yield row.raw
      else if (row.kind === 'request' || row.kind === 'reply') yield Buffer.from(row.bytes).toString('latin1')
      else
        yield JSON.stringify(row, (_, value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
        )
    }
  } finally {
    reader.close()
  }
}

/** Names that are words would be found in names of files. */
const telling = (name: string): boolean =>
  name.length > 4 && !['ubuntu', 'debian', 'runner', 'localhost'].includes(name)

test('no recording of the repository tells of the machine that it was made on', () => {
  const wanted = [
    `${homedir()}/`,
    `${tmpdir()}/`,
    '/tmp/',
    '/home/',
    ...[userInfo().username, hostname()].filter(telling),
  ]
  const found = files.flatMap((file) => {
    const places: string[] = []
    for (const text of textsOf(join(directory, file))) {
      for (const what of wanted) if (text.includes(what)) places.push(`${file}: ${what}`)
      if (/\/fusetrace-[A-Za-z0-9]{6}\b/.test(text)) places.push(`${file}: a directory of its run`)
      for (const { kind } of findShapes(text)) places.push(`${file}: a ${kind}`)
    }
    return places
  })
  expect(files.length).toBeGreaterThan(50)
  expect([...new Set(found)]).toEqual([])
})
