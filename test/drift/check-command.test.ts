import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { program } from '../../src/cli/main.js'
import { dialects } from '../../src/dialect/builtin.js'
import { checkDialect } from '../../src/dialect/core/check-dialect.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import { matchFormat } from '../../src/drift/match-format.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import { openRecording } from '../../src/recording/reader.js'
import { captured } from './captures.js'

const dir = mkdtempSync(join(tmpdir(), 'fusetrace-check-'))
const at = (name: string): string => join(dir, name)
const rawLog = (name: string): string =>
  captured(name)
    .map(({ raw }) => raw)
    .join('\n')

async function fusetrace(...args: string[]): Promise<{ out: string; code: number }> {
  let out = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  process.exitCode = 0
  try {
    await (await program()).parseAsync(['node', 'fusetrace', ...args])
    return { out, code: Number(process.exitCode ?? 0) }
  } finally {
    spy.mockRestore()
    process.exitCode = 0
  }
}

beforeAll(async () => {
  writeFileSync(at('good.log'), rawLog('libfuse3-passthrough-d'), 'latin1')
  // But in a name that looks like a line.
  const renamed = rawLog('libfuse3-passthrough-d').replace(/^(unique: (?!999,)\d+), opcode: /gm, '$1, op: ')
  writeFileSync(at('op.log'), renamed, 'latin1')
  writeFileSync(at('dev.log'), rawLog('libfuse318-passthrough-d'), 'latin1')
  await fusetrace('import', at('good.log'), '-o', at('good.fusetrace'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('fusetrace check', () => {
  test('a recording that is read as it was recorded is fine', async () => {
    const { out, code } = await fusetrace('check', at('good.fusetrace'))
    expect(out).toContain('no drift')
    expect(code).toBe(0)
  })

  test('blanks before every line are called blanks', async () => {
    writeFileSync(at('indented.log'), rawLog('libfuse3-passthrough-d').replace(/^/gm, '    '), 'latin1')
    const { out, code } = await fusetrace('check', at('good.fusetrace'), '--against', at('indented.log'))
    expect(out).toMatch(/prefix-changed +the beginning of the lines changed: 4 blanks were added/)
    expect(code).toBe(0)
  })

  test('a renamed field breaks, is marked in both lines, and names the waits', async () => {
    const { out, code } = await fusetrace('check', at('good.fusetrace'), '--against', at('op.log'))
    expect(code).toBe(1)
    const text = out.split('\n')
    const line = text.findIndex((one) => one.includes('- unique') && one.includes('opcode: '))
    expect(text[line + 1]).toMatch(/^ +\^{6}$/)
    expect(text[line]?.slice(text[line + 1]?.indexOf('^'))).toMatch(/^opcode/)
    expect(out).toMatch(/breaks +field-renamed +the field `opcode` is now called `op` +\(\d+ lines\)/)
    expect(out).toMatch(/mountReady needs `init` ends: 1 seen before, 0 now/)
  })

  test('JSON holds the same, with ranges', async () => {
    const { out } = await fusetrace('check', at('good.fusetrace'), '--against', at('op.log'), '--json')
    const { checks } = JSON.parse(out)
    expect(checks[0].failed).toBe(true)
    const finding = checks[0].findings[0]
    expect(finding).toMatchObject({ code: 'field-renamed', severity: 'breaks', effects: ['operation-gone'] })
    const [from, to] = finding.new.ranges[0]
    expect(finding.new.text.slice(from, to)).toBe('op')
  })

  test('what loses nothing exits with 0', async () => {
    const { out, code } = await fusetrace('check', at('good.fusetrace'), '--against', at('dev.log'))
    expect(out).toContain('prefix-changed')
    expect(code).toBe(0)
  })

  let suggested: Promise<{ out: string }> | undefined
  const suggestion = (): Promise<{ out: string }> => {
    suggested ??= fusetrace('check', at('good.fusetrace'), '--against', at('op.log'), '--suggest')
    return suggested
  }

  test('a suggestion has been tried: read with it, the new log is as the old one', async () => {
    const { out } = await suggestion()
    const index = new URL('../../src/index.ts', import.meta.url).pathname
    writeFileSync(at('my-dialect.js'), out.slice(out.indexOf('// Save as')).replace("'fusetrace'", `'${index}'`))
    const { default: dialect } = await import(at('my-dialect.js'))
    expect(checkDialect(dialect)).toEqual([])
    const read = (log: string, by: Dialect): unknown[] => {
      const operations: unknown[] = []
      const interpreter = new Interpreter({ dialect: by, onEnd: (operation) => operations.push({ ...operation }) })
      for (const line of linesOf(readFileSync(at(log)))) interpreter.push(line)
      interpreter.end(0)
      return operations
    }
    const before = read('good.log', dialects.find(({ name }) => name === 'libfuse') as Dialect)
    expect(before.length).toBeGreaterThan(400)
    expect(read('op.log', dialect)).toEqual(before)
  })

  test('a suggestion is used as it was printed, where no fusetrace is installed beside it', async () => {
    const { out } = await suggestion()
    writeFileSync(at('printed.mjs'), out.slice(out.indexOf('// Save as')))
    const cli = new URL('../../bin/fusetrace.js', import.meta.url).pathname
    const args = ['check', at('good.fusetrace'), '--against', at('op.log'), '--dialect', at('printed.mjs')]
    const { stdout } = await execa(process.execPath, [cli, ...args])
    expect(stdout).toContain('field-renamed')
  })

  test('JUnit XML and annotations name the finding and are escaped', async () => {
    vi.stubEnv('GITHUB_ACTIONS', 'true')
    const { out } = await fusetrace(
      'check',
      at('good.fusetrace'),
      '--against',
      at('op.log'),
      '--junit',
      at('junit.xml'),
    )
    vi.unstubAllEnvs()
    expect(out).toMatch(/^::error file=.*good\.fusetrace,title=fusetrace field-renamed::/m)
    const xml = readFileSync(at('junit.xml'), 'utf8')
    expect(xml).toMatch(/<testsuite name="fusetrace check" tests="1" failures="1"/)
    expect(xml).toContain('<failure type="field-renamed"')
    expect(xml.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
    // What is there already is not written over.
    const again = ['check', at('good.fusetrace'), '--junit', at('junit.xml')]
    await expect(fusetrace(...again)).rejects.toMatchObject({ code: 'FT_USAGE' })
    expect(readFileSync(at('junit.xml'), 'utf8')).toBe(xml)
    await fusetrace(...again, '--force')
    expect(readFileSync(at('junit.xml'), 'utf8')).toContain('failures="0"')
  })

  test('a log that cannot be read is an error of input', async () => {
    await expect(fusetrace('check', at('good.fusetrace'), '--against', at('absent.log'))).rejects.toMatchObject({
      code: 'FT_INPUT',
    })
  })
})

describe('fusetrace accept and diff', () => {
  test('the new log becomes golden, the old is kept', async () => {
    copyFileSync(at('good.fusetrace'), at('mine.fusetrace'))
    const { out } = await fusetrace('accept', at('mine.fusetrace'), '--against', at('dev.log'))
    expect(out).toContain('prefix-changed')
    expect(readFileSync(at('mine.fusetrace.previous'))).toEqual(readFileSync(at('good.fusetrace')))
    expect(existsSync(at('mine.fusetrace.accepting'))).toBe(false)
    const { out: again, code } = await fusetrace('check', at('mine.fusetrace'), '--against', at('dev.log'))
    expect(again).toContain('no drift')
    expect(code).toBe(0)
  })

  test('an older .previous is replaced only with --force', async () => {
    copyFileSync(at('good.fusetrace'), at('twice.fusetrace'))
    writeFileSync(at('twice.fusetrace.previous'), 'the one before')
    const accept = ['accept', at('twice.fusetrace'), '--against', at('dev.log')]
    await expect(fusetrace(...accept)).rejects.toMatchObject({ code: 'FT_USAGE' })
    expect(readFileSync(at('twice.fusetrace.previous'), 'utf8')).toBe('the one before')
    expect(readFileSync(at('twice.fusetrace'))).toEqual(readFileSync(at('good.fusetrace')))
    await fusetrace(...accept, '--force')
    expect(readFileSync(at('twice.fusetrace.previous'))).toEqual(readFileSync(at('good.fusetrace')))
  })

  test('a recording that is cut does not become golden', async () => {
    copyFileSync(at('good.fusetrace'), at('safe.fusetrace'))
    const whole = readFileSync(at('good.fusetrace'))
    writeFileSync(at('torn.fusetrace'), whole.subarray(0, whole.length - 5))
    await expect(fusetrace('accept', at('safe.fusetrace'), '--against', at('torn.fusetrace'))).rejects.toMatchObject({
      code: 'FT_RECORDING',
    })
    expect(readFileSync(at('safe.fusetrace'))).toEqual(whole)
    expect(existsSync(at('safe.fusetrace.previous'))).toBe(false)
  })

  test('a log of which nothing is understood is not accepted', async () => {
    copyFileSync(at('good.fusetrace'), at('kept.fusetrace'))
    writeFileSync(at('silent.log'), 'the daemon started\n')
    await expect(fusetrace('accept', at('kept.fusetrace'), '--against', at('silent.log'))).rejects.toMatchObject({
      code: 'FT_INPUT',
    })
    expect(readFileSync(at('kept.fusetrace'))).toEqual(readFileSync(at('good.fusetrace')))
    expect((await fusetrace('check', at('kept.fusetrace'), '--against', at('silent.log'))).code).toBe(1)
  })

  test('a recording that is cut is a finding, in check and in diff', async () => {
    const whole = readFileSync(at('good.fusetrace'))
    writeFileSync(at('cut.fusetrace'), whole.subarray(0, Math.floor(whole.length * 0.8)))
    const checked = await fusetrace('check', at('cut.fusetrace'))
    expect(checked.out).toContain('recording-damaged')
    expect(checked.code).toBe(1)
    expect((await fusetrace('diff', at('cut.fusetrace'), at('cut.fusetrace'))).code).toBe(1)
  })

  test('a recording is the same as itself, and differs where an operation failed otherwise', async () => {
    const same = await fusetrace('diff', at('good.fusetrace'), at('good.fusetrace'))
    expect(same.code).toBe(0)
    expect(same.out).toContain('0 gone, 0 new, 0 with another outcome')
    const log = rawLog('libfuse3-passthrough-d').replace(/error: -39 \([^)]*\)/, 'error: -13 (Permission denied)')
    writeFileSync(at('denied.log'), log, 'latin1')
    await fusetrace('import', at('denied.log'), '-o', at('denied.fusetrace'))
    const other = await fusetrace('diff', at('good.fusetrace'), at('denied.fusetrace'))
    expect(other.code).toBe(1)
    expect(other.out).toMatch(/rmdir .*error ENOTEMPTY → error EACCES/)
  })
})

test('canonical text shows nothing that chance decides', async () => {
  const { out } = await fusetrace('show', at('good.fusetrace'), '--canonical')
  expect(out).toMatch(/^create \/a\.txt ok reply <\S+ p1$/m)
  expect(out).not.toMatch(/\b23766\b/)
})

test('a log is held against a recording in code', () => {
  expect(matchFormat(rawLog('libfuse318-passthrough-d'), at('good.fusetrace'), dialects).findings).toHaveLength(1)
  expect(openRecording(at('good.fusetrace')).header.dialect).toBe('libfuse')
})
