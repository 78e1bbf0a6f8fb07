import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inspectProgram } from '../../src/transport/program.js'
import { installed } from './tools.js'

const inspect = (name: string) => inspectProgram(name, { path: process.env.PATH ?? '', cwd: process.cwd() })

test('a program that is not there has no path', () => {
  expect(inspect('no-such-program-here')).toEqual({ path: null, libraries: [], go: false })
})

test('damaged programs and scripts are programs of which nothing is known', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const contents = ['#!/bin/sh\n', '', '\x7fELF', `\x7fELF\x02\x01${'\xff'.repeat(200)}`]
  for (const [i, content] of contents.entries()) {
    const path = join(directory, `program-${i}`)
    writeFileSync(path, content, { encoding: 'latin1', mode: 0o755 })
    expect(inspect(path)).toEqual({ path, libraries: [], go: false })
  }
})

test.skipIf(!installed('squashfuse'))('libraries are read from a program', () => {
  expect(inspect('squashfuse').libraries).toContain('libfuse3.so.3')
})

test.skipIf(!installed('rclone'))('a program built by Go is known by its note', () => {
  expect(inspect('rclone').go).toBe(true)
  expect(inspect('sh').go).toBe(false)
})
