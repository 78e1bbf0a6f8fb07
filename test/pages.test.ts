import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/cli/commands.js'
import { type ErrorCode, FusetraceError } from '../src/errors.js'
import { NO_COUNTS } from '../src/recording/footer.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = [
  'README.md',
  'CHANGELOG.md',
  '.github/CONTRIBUTING.md',
  'recordings/README.md',
  'test/bench/README.md',
].concat(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('src', name)),
)

describe('the pages', () => {
  test('every error code is explained, with its exit code', () => {
    const codes = [...read('src/errors.ts').matchAll(/^ {2}\| '(FT_\w+)'/gm)].map(([, code]) => code as ErrorCode)
    const rows = [...read('src/ERRORS.md').matchAll(/^\| `(FT_\w+)` \|.*\| (\d) \|$/gm)]
    expect(codes.length).toBeGreaterThan(10)
    expect(rows.map(([, code, exit]) => `${code} ${exit}`).sort()).toEqual(
      codes.map((code) => `${code} ${new FusetraceError(code, '').exitCode}`).sort(),
    )
  })

  test('the map names every room', () => {
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
    const map = read('src/README.md')
    expect(rooms.filter((room) => !map.includes(`\`${room}\``))).toEqual([])
  })

  test('the walks name files that exist', () => {
    const named = [...read('src/README.md').matchAll(/`([a-z-]+(?:\/[a-z-]+)+\.ts)`/g)].map(([, file]) => file ?? '')
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((file) => !existsSync(join(root, 'src', file)) && !existsSync(join(root, file)))).toEqual([])
  })

  test('the page of dialects names files and exports that exist', () => {
    const page = read('src/dialect/README.md')
    const files = [...page.matchAll(/`((?:\.\.\/)?[\w-]+(?:\/[\w-]+)+(?:\.test)?\.[jt]s)`/g)].map(
      ([, file]) => file ?? '',
    )
    const bases = ['', 'src', 'src/dialect'].map((base) => join(root, base))
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((file) => !/NAME/.test(file) && !bases.some((base) => existsSync(join(base, file))))).toEqual(
      [],
    )
    const tools = [...(/exports these tools: ([^:]*);/.exec(page)?.[1]?.matchAll(/`(\w+)`/g) ?? [])].map(
      ([, name]) => name,
    )
    const exported: readonly string[] = read('src/index.ts').match(/\w+/g) ?? []
    expect(tools.length).toBeGreaterThan(5)
    expect(tools.filter((name) => !exported.includes(name ?? ''))).toEqual([])
  })

  test('the page of the format names every kind of row', () => {
    const page = read('src/recording/README.md')
    expect(Object.keys(NO_COUNTS).filter((kind) => !new RegExp(`^\\| \\d+ \\| ${kind} \\|`, 'm').test(page))).toEqual(
      [],
    )
  })

  test('the README names every command', () => {
    const readme = read('README.md')
    expect(Object.keys(COMMANDS).filter((name) => !new RegExp(`\`(?:fusetrace )?${name}\\b`).test(readme))).toEqual([])
  })

  test('scripts that pages name exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const wrong = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '').filter((name) => !(name in scripts)),
    )
    expect(wrong).toEqual([])
  })

  test('links between pages lead somewhere', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, link]) => normalize(join(dirname(page), link ?? '')))
        .filter((target) => relative('..', target).startsWith('..') || !existsSync(join(root, target)))
        .map((target) => `${page}: ${target}`),
    )
    expect(broken).toEqual([])
  })
})
