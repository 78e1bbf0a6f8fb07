import { mkdirSync, readFileSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startLive } from '../../src/live/session.js'
import { loadLibc } from '../../src/native/libc.js'
import { fitInit } from '../../src/relay/fit-init.js'
import { INIT } from '../../src/wire/flags.js'
import { BEFORE_INIT, decodeReply, encodeReply, type RequestOf } from '../../src/wire/index.js'
import { type Place, place } from '../live/machine.js'
import { lacksRelay } from './machine.js'

/** What `net.core.wmem_max` allows users on most machines. */
const USUAL = 212_992
const lacking = lacksRelay('fuse-overlayfs')
let here: Place

beforeEach(() => {
  here = place()
})

afterEach(() => {
  vi.restoreAllMocks()
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

describe.skipIf(lacking)(`a socket that carries less than FUSE may ask (${lacking || 'fuse-overlayfs'})`, () => {
  test('writes and reads of a megabyte come in smaller requests, and come whole', async () => {
    const libc = await loadLibc()
    const setBuffers = libc.setBuffers.bind(libc)
    vi.spyOn(libc, 'setBuffers').mockImplementation((fd) => setBuffers(fd, USUAL))
    const [upper, work] = ['upper', 'work'].map((name) => here.file(name)) as [string, string]
    for (const path of [upper, work]) mkdirSync(path)
    const layers = `lowerdir=${here.source},upperdir=${upper},workdir=${work},writeback=0`
    await using session = await startLive({
      daemon: ['fuse-overlayfs', '-f', '-o', layers, here.mount],
      mountpoint: here.mount,
      readyMs: 120_000,
      wire: true,
    })
    const content = Buffer.alloc(1024 * 1024, 'content')
    const file = await open(`${here.mount}/f`, 'w')
    await file.write(content, 0, content.length, 0)
    await file.close()
    expect(readFileSync(`${upper}/f`).equals(content)).toBe(true)
    expect((await readFile(`${here.mount}/f`)).equals(content)).toBe(true)
    expect(session.monitor.phases.has('lost')).toBe(false)
  }, 300_000)
})

describe('what INIT agrees on', () => {
  const request = { opcode: 'init', body: { major: 7, minor: 45 } } as RequestOf<'init'>
  const agreed = (body: object): Buffer =>
    encodeReply({ unique: 2n, error: 0, body: { major: 7, minor: 45, ...body } as never }, request, BEFORE_INIT)
  const fitted = (body: object, room: number) => decodeReply(fitInit(agreed(body), room), request, BEFORE_INIT).body

  test('is cut to what fits', () => {
    const asked = { flags: Number(INIT.MAX_PAGES), maxWrite: 1024 * 1024, maxPages: 256 }
    expect(fitted(asked, 2 * USUAL - 32)).toMatchObject({ maxWrite: 102 * 4096, maxPages: 102 })
  })

  test('stays as it is where it fits', () => {
    const asked = { flags: Number(INIT.MAX_PAGES), maxWrite: 128 * 1024, maxPages: 32 }
    expect(fitInit(agreed(asked), 2 * USUAL - 32)).toEqual(agreed(asked))
    // An error, or an answer of a very old daemon.
    const short = Buffer.alloc(16 + 8, 7)
    expect(fitInit(short, 4096)).toEqual(short)
  })
})
