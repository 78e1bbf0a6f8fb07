import { expect, test } from 'vitest'
import { ReplaySession } from '../../../src/replay/replay-session.js'
import { replay, rows, tiny } from '../../replay/tiny.js'

const failure = async (wait: Promise<unknown>): Promise<Error & { hint?: string; code?: string }> => {
  try {
    await wait
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

test('a timeout says what was awaited, since when, what came near, what is open, and what to try', async () => {
  const session = replay(`
    > 2 create /notes.txt
    < 2 ok
    step write
    > 4 create /note.txt
    < 4 ok
    > 6 create /notes.txt
    < 6 EACCES
    > 8 write /other
    after 9000
    > 10 getattr /
  `)
  await session.seekTo('write')
  const error = await failure(session.waitFor.fileVisible('notes.txt', { timeoutMs: 100 }))
  const { message } = error
  expect(message).toMatch(/^fileVisible \/notes\.txt: not satisfied within 100 ms$/m)
  expect(message).toMatch(/awaited: a file comes to be at \/notes\.txt/)
  expect(message).toMatch(/since: +mark 'write' at 0\.003000 s \(line 2 of 7\)/)
  expect(message).toMatch(/#2 create \/notes\.txt EACCES — failed with EACCES/)
  expect(message).toMatch(/#0 create \/notes\.txt ok — before the mark/)
  expect(message).toMatch(/#1 create \/note\.txt ok — other path/)
  expect(message).toMatch(/still open:\n +#3 write \/other, for 9\d\.\d ms/)
  expect(message).toMatch(/last lines:(\n.*){4}\n +daemon: +replayed to 0\.103000 s; running then/)
  expect(message).toMatch(/try: +see why #2 failed \(EACCES\)/)
  expect(message.split('\n').length).toBeLessThanOrEqual(25)
  expect(error.hint).toMatch(/see why #2 failed/)
})

test('a path from the root of the machine is taken for a mistake', async () => {
  const session = replay('> 2 create /d/a.txt\n< 2 ok\nafter 9000')
  const { hint } = await failure(session.waitFor.fileVisible('/tmp/mnt/d/a.txt', { timeoutMs: 100 }))
  expect(hint).toBe('is /d/a.txt what is meant? Paths are below the mountpoint')
})

test('the stack is the caller’s', async () => {
  const session = replay('exit 0')
  const { stack } = await failure(session.waitFor.deleted('x'))
  expect(stack?.split('\n').find((line) => /^ +at /.test(line))).toMatch(/explain\.test\.ts/)
})

test.each([
  ['exit 0', 'fileVisible', /nothing was logged at all/],
  ['noise\nexit 0', 'fileVisible', /the log is not understood/],
])('%j: says what to try', async (script, _, hint) => {
  const session = new ReplaySession(rows(script), null, { candidates: [tiny] })
  const { hint: given } = await failure(session.waitFor.fileVisible('x'))
  expect(given).toMatch(hint)
})

test('the daemon’s end is reported', async () => {
  const killed = await failure(replay('> 2 getattr /\n< 2 ok\nexit SIGKILL').waitFor.fileVisible('x'))
  expect(killed.message).toMatch(/fileVisible \/x: the daemon was killed by SIGKILL/)
  const left = await failure(replay('> 2 getattr /\n< 2 ok\nexit 3').waitFor.fileVisible('x'))
  expect(left.message).toMatch(/the daemon exited with code 3/)
})

test('names cannot act on a terminal or forge a line of the explanation', async () => {
  const evil = 'x\x1b[2J\x1b]0;t\x07'
  const session = replay(`> 2 create /${evil}\n< 2 ok\nexit 0`)
  const { message } = await failure(session.waitFor.fileVisible(`y${evil}\n  try: rm -rf`))
  expect(message).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
  expect(message.match(/^ +try:/gm)).toHaveLength(1)
})

test('a mark before the history’s begin is reported', async () => {
  const script = Array.from({ length: 20 }, (_, i) => `> ${2 * i + 2} write /f${i}\n< ${2 * i + 2} ok`).join('\n')
  const session = new ReplaySession(rows(`${script}\nexit 0`), null, { dialect: tiny, historyLimit: 5, pace: 'manual' })
  const begin = session.mark('start')
  await session.playToEnd()
  const { message } = await failure(session.waitFor.operation({ path: 'f2' }, { since: begin }))
  expect(message).toMatch(/history: begins after this mark; 30 starts and ends were let go/)
  const found = await session.waitFor.operation({ path: 'f18' }, { since: begin })
  expect(found.note).toMatch(/does not reach back/)
})

test('a pending wait can be asked why', async () => {
  const session = replay('> 2 create /b\n< 2 ok', { pace: 'manual' })
  await session.advanceTo(5e6)
  const wait = session.waitFor.fileVisible('a')
  const [pending] = session.waitFor.pending.list()
  expect(pending?.title).toBe('fileVisible /a')
  expect(pending?.explain()).toMatch(/#0 create \/b ok — other path/)
  await session.close()
  await expect(wait).rejects.toThrow(/closed/)
})

test('options that make no sense are refused', async () => {
  const { waitFor } = replay('exit 0')
  await expect(waitFor.fileVisible('x', { timeoutMs: Number.NaN })).rejects.toMatchObject({ code: 'FT_USAGE' })
  await expect(waitFor.fileVisible('x', { since: 'step' as never })).rejects.toMatchObject({ code: 'FT_USAGE' })
})
