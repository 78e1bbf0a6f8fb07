import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineWait, done, ended, type OperationMatch } from '../../src/index.js'
import { replay } from '../replay/tiny.js'

const root = new URL('../..', import.meta.url).pathname

/** The example of a doc comment, as a module. */
function exampleOf(file: string): string {
  const comment = /@example\n([\s\S]*?)\n \*\//.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? ''
  const text = comment.replace(/^ \* ?/gm, '').replaceAll("'fusetrace'", "'../../src/index.js'")
  return `declare const waitFor: import('../../src/index.js').WaitFor\n${text}\nexport {}\n`
}

/** What the compiler says of a module within the repository; empty when it compiles. */
function compile(text: string): string {
  mkdirSync(join(root, '.fusetrace'), { recursive: true })
  const directory = mkdtempSync(join(root, '.fusetrace', 'types-'))
  try {
    writeFileSync(join(directory, 'example.ts'), text)
    const config = {
      extends: join(root, 'test/tsconfig.json'),
      include: [],
      files: ['example.ts'],
      compilerOptions: { noEmit: true },
    }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', directory], {
      encoding: 'utf8',
    })
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout || error)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('the documented example of a wait of one’s own compiles, with what the package exports', () => {
  expect(compile(exampleOf('src/wait/engine/define-wait.ts'))).toBe('')
})

test('an option that there is not does not compile', () => {
  const use = "declare const waitFor: import('../../src/index.js').WaitFor\n"
  expect(compile(`${use}await waitFor.fileVisible('a', { timeout: 300 })\nexport {}\n`)).toContain("'timeout'")
  expect(compile(`${use}await waitFor.operation({ pth: 'a' })\nexport {}\n`)).toContain("'pth'")
})

test('names of opcodes and errnos are offered, others are allowed', () => {
  const known: OperationMatch = { opcode: 'create', errno: 'ENOENT' }
  const own: OperationMatch = { opcode: ['my_daemons_own', 'write'], errno: ['EMINE'] }
  expect([known.opcode, own.errno]).toEqual(['create', ['EMINE']])
})

test('done and ended make the outcomes of a machine', async () => {
  const writes = defineWait((path: string, count: number) => ({
    name: 'writes',
    subject: path,
    awaited: `${count} writes to ${path}`,
    start: () => 0,
    step(seen, event, view) {
      if (event.type === 'stream-ended' || event.type === 'mount-lost') return { state: seen, outcome: ended(event) }
      if (event.type !== 'ended' || !view.after(event.operation)) return { state: seen }
      const now = event.operation.opcode === 'write' && event.operation.path === path ? seen + 1 : seen
      return now < count ? { state: now } : { state: now, outcome: done('trace', [event.operation]) }
    },
  }))
  const session = replay('> 2 write /a\n< 2 ok\n> 4 write /a\n< 4 ok\nexit 0')
  expect((await session.waitFor.custom(writes('/a', 2))).operation?.unique).toBe(4)
  await expect(session.waitFor.custom(writes('/a', 3))).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
})
