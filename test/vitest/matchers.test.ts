import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import '../../src/vitest/install.js'
import type { Line } from '../../src/line/line.js'
import { openRecording } from '../../src/recording/reader.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { operationSerializer } from '../../src/vitest/serializer.js'

const recording = fileURLToPath(
  new URL(
    '../../recordings/test/suite/bindfs/renames and links a renamed file has its new name.fusetrace',
    import.meta.url,
  ),
)

async function played(): Promise<Awaited<ReturnType<typeof openReplay>>> {
  const session = await openReplay(recording)
  await session.playToEnd()
  return session
}

/** What an assertion says when it fails. */
function saying(assertion: () => unknown): string {
  try {
    assertion()
  } catch (error) {
    return (error as Error).message
  }
  return expect.fail('it passed')
}

describe('assertions on a monitor', () => {
  test('pass, and fail with what is nearest', async () => {
    const { monitor } = await played()
    expect(monitor).toHaveCompleted({ opcode: ['rename', 'rename2'], path: 'old.txt' })
    expect(monitor).not.toHaveCompleted({ opcode: 'unlink' })
    expect(monitor).toHaveFailed({ opcode: 'lookup', errno: 'ENOENT', path: 'new.txt' })
    expect(monitor).toHaveHappenedInOrder([
      { opcode: 'create' },
      { opcode: 'write' },
      { opcode: ['rename', 'rename2'] },
    ])
    expect(monitor).toHaveSettled()

    expect(saying(() => expect(monitor).toHaveCompleted({ opcode: 'create', path: 'other.txt' }))).toMatch(
      /^expected a completed operation: create \/other\.txt\nnearest operations:\n {2}#\d+ create \/old\.txt ok \(other path \(\/old\.txt\)\)/,
    )
    expect(saying(() => expect(monitor).toHaveFailed({ opcode: 'write' }))).toContain(
      'expected a failed operation: write',
    )
    expect(saying(() => expect(monitor).toHaveHappenedInOrder([{ opcode: 'write' }, { opcode: 'create' }]))).toMatch(
      /missing after #\d+ write \/old\.txt ok: create\n(.*\n)*it happened before: #\d+ create/,
    )
    expect(saying(() => expect(monitor).not.toHaveCompleted({ opcode: 'write' }))).toMatch(/but there is #\d+ write/)
  })

  test('take a session as well, and nothing else', async () => {
    const session = await played()
    expect(session).toHaveCompleted({ opcode: 'write' })
    expect(() => expect({}).toHaveSettled()).toThrow('this matcher is for a monitor')
  })
})

test('operations in snapshots have neither times nor ids, unless asked for', async () => {
  const { monitor } = await played()
  const [created] = monitor.recentOperations().filter(({ opcode }) => opcode === 'create')
  expect(created).toMatchInlineSnapshot(`
    Operation {
      "opcode": "create",
      "path": "/old.txt",
      "status": "ok",
    }
  `)
  const printer = (value: unknown): string => JSON.stringify(value)
  const whole = operationSerializer({ ids: true, times: true }).serialize(created, {}, '', 0, [], printer)
  expect(whole).toMatch(/"startNs":\d+.*"unique":\d+/)
})

describe('the format of a log', () => {
  const reader = openRecording(recording)
  const lines: Line[] = [...reader.rows({ kinds: ['line'] })].flatMap((row, index) =>
    row.kind === 'line' ? [{ ...row, index }] : [],
  )
  const text = (change: (line: string) => string): string => lines.map(({ raw }) => `${change(raw)}\n`).join('')

  test('is that of a recording', async () => {
    expect(text((line) => line)).toMatchFormatOf(recording)
    expect(lines).toMatchFormatOf(recording)
    expect((await played()).monitor).toMatchFormatOf(recording)
  })

  test('is not when something is written in another way', () => {
    const drifted = text((line) => line.replace(', success', ', ok'))
    expect(drifted).not.toMatchFormatOf(recording)
    const message = saying(() => expect(drifted).toMatchFormatOf(recording))
    expect(message).toContain('expected the log to have the format of')
    expect(message).toContain('breaks')
    expect(saying(() => expect(text((line) => line)).not.toMatchFormatOf(recording))).toContain(
      'of another format than',
    )
  })
})
