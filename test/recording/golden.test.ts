import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { openRecording } from '../../src/recording/reader.js'

const directory = new URL('../../recordings/', import.meta.url)
const imported = readdirSync(directory).filter((name) => name.endsWith('.fusetrace') && name.startsWith('mergerfs-rs'))

describe('committed recordings', () => {
  test.each(imported)('%s is whole, and understood as when it was made', (name) => {
    const reader = openRecording(new URL(name, directory).pathname)
    const golden: Operation[] = []
    const now: Operation[] = []
    const interpreter = new Interpreter({ candidates: dialects, onEnd: (operation) => now.push(operation) })
    let index = 0
    let lastNs = 0
    for (const row of reader.rows()) {
      if (row.kind === 'operation') golden.push(row.operation)
      if (row.kind !== 'line') continue
      const { atNs, stream, raw, terminated } = row
      lastNs = Math.max(lastNs, atNs)
      interpreter.push({ index: index++, atNs, stream, raw, terminated })
    }
    interpreter.end(lastNs)
    reader.close()
    expect(reader).toMatchObject({ complete: true, problem: null })
    expect(reader.header).toMatchObject({ dialect: interpreter.dialect?.name, origin: 'import' })
    expect(golden.length).toBeGreaterThan(100)
    // What is known of an operation may grow from version to version.
    for (const [i, operation] of golden.entries()) {
      const { path, ...rest } = operation
      expect(now[i]).toMatchObject(rest)
      expect([now[i]?.path, ...(now[i]?.paths ?? [])]).toContain(path)
    }
    expect(now.length).toBe(golden.length)
    expect(interpreter.unparsed).toBeLessThanOrEqual(reader.footer?.unparsed ?? 0)
  })
})
