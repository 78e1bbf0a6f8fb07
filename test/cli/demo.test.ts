import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CLI, fusetrace, lacks, type Place, place } from '../live/machine.js'

const lacking = lacks('bindfs')
/** Whether a mount namespace of its own can be had, in which /dev/fuse is something else. */
const namespaces = spawnSync('unshare', ['--mount', 'true']).status === 0

let here: Place

beforeEach(() => {
  here = place()
})

afterEach(() => {
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

const AGREES = /^ {3}(\d+) of \1 are equal, \1 were replayed$/m

test.skipIf(lacking)(`the demo records a mount, replays it, waits on it and finds all equal (${lacking})`, async () => {
  const file = here.file('kept.fusetrace')
  const ran = await fusetrace('demo', '-o', file)
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' })
  expect(ran.stdout).toMatch(/^1\. Mounting bindfs and recording what it logs$/m)
  expect(ran.stdout).toMatch(AGREES)
  expect(ran.stdout).toContain(`All of it agrees. The recording is ${file}.`)
  expect(existsSync(file)).toBe(true)
  const again = await fusetrace('demo', '-o', file)
  expect(again.exitCode).not.toBe(0)
  expect(again.stderr).toMatch(/kept\.fusetrace exists already/)
})

test.skipIf(!namespaces).each([
  ['is not there', 'mount -t tmpfs tmpfs /dev', /^1\. There is no \/dev\/fuse here/],
  ['cannot be used', 'mount --bind /dev/null /dev/fuse', /^(1\. Mounting .*\n)?1\. It cannot be mounted here \(/],
])('where /dev/fuse %s it says so, and a committed recording takes its place', (_, spoil, says) => {
  const command = ['--mount', 'sh', '-c', `${spoil} && exec "$@"`, 'sh', process.execPath, CLI, 'demo']
  const ran = spawnSync('unshare', command, { encoding: 'utf8' })
  expect(ran).toMatchObject({ status: 0 })
  expect(ran.stdout).toMatch(says)
  expect(ran.stdout).toMatch(/^.*a committed recording of a bindfs mount takes its place/m)
  expect(ran.stdout).toMatch(AGREES)
  expect(ran.stdout).toContain('All of it agrees.')
})
