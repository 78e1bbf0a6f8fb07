import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const src = join(root, 'src')

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)))
  .sort()

const text = (file: string): string => readFileSync(join(src, file), 'utf8')

/** Code without comments and string contents, so that words in them are not taken for calls. */
function code(file: string): string {
  return text(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
}

/** A room may import from the rooms named here and from itself; the way of the data through the program. */
const layers: Record<string, readonly string[]> = {
  line: [],
  dialect: ['line'],
  operation: ['line', 'dialect'],
  recording: ['line', 'dialect', 'operation'],
  monitor: ['line', 'dialect', 'operation'],
  wait: ['line', 'dialect', 'operation', 'monitor'],
  explore: ['line', 'dialect', 'operation', 'monitor', 'wait'],
  source: ['line', 'dialect', 'operation', 'recording', 'monitor', 'wait'],
  replay: ['line', 'dialect', 'operation', 'recording', 'monitor', 'wait'],
  drift: ['line', 'dialect', 'operation', 'recording', 'monitor', 'wait'],
  report: ['line', 'dialect', 'operation', 'recording', 'monitor', 'wait', 'drift'],
}

describe('the shape of the source', () => {
  test('no file is longer than 300 lines', () => {
    const long = files
      .map((file) => [file, text(file).trimEnd().split('\n').length] as const)
      .filter(([, lines]) => lines > 300)
    expect(long).toEqual([])
  })

  test('a layer imports only what is to its left', () => {
    const wrong: string[] = []
    for (const file of files) {
      const room = file.split(sep)[0] ?? ''
      const allowed = layers[room]
      if (!allowed) continue
      for (const [, target] of code(file).matchAll(/from\s+'(\.[^']+)'/g)) {
        const to = relative(src, join(src, dirname(file), target ?? ''))
        const other = to.includes(sep) ? to.split(sep)[0] : null
        if (other && other !== room && !allowed.includes(other)) wrong.push(`${file} imports ${to}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('only the clock and the command line read time, and nothing throws dice', () => {
    const banned =
      /Date\.now\(|Math\.random\(|new Date\(\)|performance\.now\(|process\.hrtime|\bsetTimeout\(|\bsetInterval\(/
    // The thread that reads a daemon's pipes has no clock of ours to ask.
    const allowed = ['clock.ts', join('source', 'pipe-thread.ts')]
    const wrong = files.filter(
      (file) => !file.startsWith(`cli${sep}`) && !allowed.includes(file) && banned.test(code(file)),
    )
    expect(wrong).toEqual([])
  })

  test('index files only export', () => {
    const wrong = files
      .filter((file) => file.endsWith('index.ts'))
      .filter((file) => !/^\s*(export\s+(type\s+)?(\{[\s\S]*?\}|\*)\s+from\s+'[^']+'\s*)*$/.test(code(file)))
    expect(wrong).toEqual([])
  })
})
