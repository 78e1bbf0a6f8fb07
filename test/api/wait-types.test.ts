import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { defineWait, done, ended, type OperationMatch } from '../../src/index.js'
import { replay } from '../replay/tiny.js'

const root = new URL('../..', import.meta.url).pathname

/** The example of a doc comment, as a module. */
function exampleOf(file: string): string {
  const comment = /@example\n([\s\S]*?)\n \*\//.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? ''
  const text = comment.replace(/^ \* ?/gm, '').replaceAll("'fusetrace'", "'../../src/index.js'")
  return `declare const waitFor: import('../../src/index.js').WaitFor\n${text}\nexport {}\n`
}

const USE = "declare const waitFor: import('../../src/index.js').WaitFor\n"

/** Modules within the repository; one run of the compiler is for all of them. */
const MODULES = {
  example: exampleOf('src/wait/engine/define-wait.ts'),
  option: `${USE}await waitFor.fileVisible('a', { timeout: 300 })\nexport {}\n`,
  match: `${USE}await waitFor.operation({ pth: 'a' })\nexport {}\n`,
}

/** What the compiler says of each. */
let said: (name: keyof typeof MODULES) => string
beforeAll(() => {
  mkdirSync(join(root, '.fusetrace'), { recursive: true })
  const directory = mkdtempSync(join(root, '.fusetrace', 'types-'))
  try {
    for (const [name, text] of Object.entries(MODULES)) writeFileSync(join(directory, `${name}.ts`), text)
    const config = {
      extends: join(root, 'test/tsconfig.json'),
      include: [],
      files: Object.keys(MODULES).map((name) => `${name}.ts`),
      compilerOptions: { noEmit: true },
    }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' })
    expect(status, stdout).not.toBe(0)
    const lines = stdout.split('\n').filter((line) => line !== '')
    said = (name) => lines.filter((line) => line.includes(`${name}.ts(`)).join('\n')
    // Nothing is said but of these.
    expect(lines.filter((line) => !/^\s|(?:example|option|match)\.ts\(/.test(line))).toEqual([])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('the documented example of a wait of one’s own compiles, with what the package exports', () => {
  expect(said('example')).toBe('')
})

test('an option that there is not does not compile', () => {
  expect(said('option')).toContain("'timeout'")
  expect(said('match')).toContain("'pth'")
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
