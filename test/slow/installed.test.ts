import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const reached =
  spawnSync('npm', ['view', 'mocha', 'version', '--fetch-retries=0', '--fetch-timeout=10000']).status === 0
const live = lacks('bindfs') === ''

/** The README's example that holds a text, word by word. */
function example(text: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const found = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].find(([, code]) => code?.includes(text))
  if (!found?.[1]) throw new Error(`the README has no example with ${text}`)
  return found[1]
}

/** A machine that others use too may be slow. */
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', 'readme', '--testTimeout=120000']

/** What a project is, and what is run in it, on the Node that runs this. */
const PROJECTS: Readonly<Record<string, { install: readonly string[]; runs: Readonly<Record<string, Run>> }>> = {
  'with node:test, mocha, jest and vitest 4': {
    install: ['mocha@^12', 'jest@^30', 'vitest@^4'],
    runs: {
      'node:test': { argv: ['--test', 'node.test.js'], passed: /^(?:#|ℹ) pass 2$/m },
      mocha: { argv: ['node_modules/mocha/bin/mocha.js', 'mocha.spec.js'], passed: /^ +2 passing/m },
      'jest (ESM)': {
        argv: ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--testMatch', '**/jest.test.js'],
        passed: /^Tests: +2 passed, 2 total/m,
      },
      'vitest 4': { argv: VITEST, passed: /Tests +2 passed \(2\)/ },
      'vitest 4, replayed': {
        argv: VITEST,
        env: { CI: 'true' },
        passed: /Tests +2 passed \(2\)/,
      },
      'require of CommonJS': { argv: ['required.cjs'], passed: /^required, and 1 operation$/m },
      'the command line': { argv: ['node_modules/fusetrace/bin/fusetrace.js', '--help'], passed: /record/ },
    },
  },
  'with vitest 5': {
    install: ['vitest@^5'],
    runs: {
      'vitest 5': { argv: VITEST, passed: /Tests +2 passed \(2\)/ },
      'vitest 5, replayed': {
        argv: VITEST,
        env: { CI: 'true' },
        passed: /Tests +2 passed \(2\)/,
      },
    },
  },
}

interface Run {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly passed: RegExp
}

describe.skipIf(!reached)('the packed package, installed from the registry into an empty project', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-installed-'))
  let tarball = ''
  beforeAll(async () => {
    const { stdout } = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
      cwd: root,
    })
    tarball = join(directory, (JSON.parse(stdout) as [{ filename: string }])[0].filename)
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  for (const [name, { install, runs }] of Object.entries(PROJECTS)) {
    describe(name, () => {
      const project = join(directory, name.replaceAll(/\W+/g, '-'))
      beforeAll(async () => {
        mkdirSync(project)
        cpSync(join(root, 'test/slow/installed'), project, { recursive: true })
        writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
        writeFileSync(join(project, 'readme-offline.test.ts'), example('openReplay('))
        const mounting = live ? example('fuseTest(') : "import { test } from 'vitest'\ntest('no FUSE here', () => {})\n"
        writeFileSync(join(project, 'readme-mount.test.ts'), mounting)
        await execa('npm', ['install', '--no-audit', '--no-fund', tarball, ...install], { cwd: project })
      }, 1_800_000)

      for (const [runner, { argv, env, passed }] of Object.entries(runs)) {
        test(runner, async () => {
          const surroundings = {
            FORCE_COLOR: undefined,
            NO_COLOR: '1',
            CI: '',
            FUSETRACE: '',
            LIVE: live ? '1' : '',
            ...env,
          }
          const { all, exitCode } = await execa(process.execPath, argv, {
            cwd: project,
            env: surroundings,
            reject: false,
            all: true,
          })
          expect(all).toMatch(passed)
          expect(exitCode, all).toBe(0)
        })
      }
    })
  }
})
