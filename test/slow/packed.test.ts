import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The README's example that holds a text, word by word. */
function example(text: string): string {
  const found = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].find(([, code]) => code?.includes(text))
  if (!found?.[1]) throw new Error(`the README has no example with ${text}`)
  return found[1]
}

/** What a user's compiler should accept, and what it should not. */
const TYPES = `
import { expect } from 'vitest'
import { defineWait, fuseTest, type WaitResult } from 'fusetrace/vitest'
import { FusetraceError, openReplay, startLive } from 'fusetrace'

const test = fuseTest({
  daemon: ({ mountpoint, branches, directory }) => {
    const first: string = branches[0]
    return { command: ['bindfs', '-d', first, mountpoint], env: { HOME: directory } }
  },
  setup: async ({ branches }) => branches[0].fs.writeFile('a', 'x'),
})
test('types', async ({ mount, waitFor, step, monitor, session, mark, fence }) => {
  const names: string[] = await mount.branches[0].fs.readdir('/')
  const text: string = await step('read', () => mount.fs.readFile('a', 'utf8'))
  const result: WaitResult = await waitFor.fileVisible('a', { since: mark('here'), timeoutMs: 1 })
  expect(monitor).toHaveCompleted({ opcode: ['create', 'mknod'], path: /a/ })
  expect(session).not.toHaveFailed({ errno: 'ENOENT' })
  expect(monitor).toHaveHappenedInOrder([{ opcode: 'lookup' }, { opcode: 'create' }])
  expect(monitor).toHaveSettled()
  // @ts-expect-error an opcode is a name
  expect(monitor).toHaveCompleted({ opcode: 3 })
  // @ts-expect-error there is no such wait
  await waitFor.fileSeen('a')
  return [names, text, result, await fence(), defineWait, FusetraceError, openReplay, startLive] as unknown as void
})
`

describe('the packed package, in a project elsewhere', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-packed-'))
  const modules = join(directory, 'node_modules')
  const inside = (name: string): string => join(directory, name)
  const vitest = async (env: Record<string, string>): Promise<string> => {
    const argv = [join(modules, 'vitest/vitest.mjs'), 'run']
    return (await execa(process.execPath, argv, { cwd: directory, reject: false, all: true, env })).all
  }

  beforeAll(async () => {
    const packed = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
      cwd: root,
    })
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    mkdirSync(join(modules, 'fusetrace'), { recursive: true })
    await execa('tar', ['-xzf', inside(filename), '--strip-components=1', '-C', join(modules, 'fusetrace')])
    // In place of an installation: the same versions, without the registry.
    const all = readdirSync(join(root, 'node_modules')).flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(root, 'node_modules', name)).map((one) => `${name}/${one}`) : [name],
    )
    for (const name of all.filter((one) => !one.startsWith('.') && one !== 'fusetrace')) {
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
    }
    const options = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, noUncheckedIndexedAccess: true }
    writeFileSync(inside('tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, types: ['node'] } }))
    writeFileSync(inside('package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(inside('offline.test.ts'), example('openReplay('))
    writeFileSync(inside('files.test.ts'), example('fuseTest('))
    writeFileSync(inside('types.ts'), TYPES)
    mkdirSync(inside('recordings'))
    cpSync(join(root, 'recordings/demo.fusetrace'), inside('recordings/demo.fusetrace'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  test('type-checks as its README and its types say', async () => {
    const { exitCode, stdout } = await execa(process.execPath, [join(modules, 'typescript/bin/tsc')], {
      cwd: directory,
      reject: false,
    })
    expect(stdout).toBe('')
    expect(exitCode).toBe(0)
  })

  test.skipIf(lacks('bindfs') !== '')("the README's tests are recorded, and then replayed", async () => {
    const recorded = await vitest({ FUSETRACE: 'once', CI: '' })
    expect(recorded).toContain('2 passed')
    expect(existsSync(inside('recordings/files/a created file becomes visible.fusetrace'))).toBe(true)
    const replayed = await vitest({ CI: 'true', PATH: '/nowhere' })
    expect(replayed).toContain('2 passed')
  })

  test('its command line runs', async () => {
    const { stdout } = await execa(process.execPath, [join(modules, 'fusetrace/bin/fusetrace.js'), '--help'])
    expect(stdout).toContain('record')
  })
})
