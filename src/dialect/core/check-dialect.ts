import { isDeepStrictEqual } from 'node:util'
import { linesOf } from '../../line/splitter.js'
import type { Dialect, DialectEvent } from './dialect.js'

/** Reads lines with a dialect of one's own: every event, and which lines it did not understand. */
export function readWith(dialect: Dialect, text: string): { events: DialectEvent[]; strange: number[] } {
  const events: DialectEvent[] = []
  const strange: number[] = []
  const parser = dialect.parser({})
  for (const line of linesOf(text)) if (!parser.line(line, (event) => events.push(event))) strange.push(line.index)
  parser.end((event) => events.push(event))
  return { events, strange }
}

/**
 * What is wrong with a dialect: its shape, then its samples, which are run through its parser. One clear line each,
 * none when all is well.
 */
export function checkDialect(dialect: unknown): string[] {
  const problems = shape(dialect)
  if (problems.length > 0) return problems
  const sound = dialect as Dialect
  if (sound.samples.length === 0) problems.push('samples: there is none; one request line is the least')
  for (const [i, sample] of sound.samples.entries()) {
    try {
      problems.push(...checkSample(sound, sample.lines, sample.events).map((what) => `sample ${i + 1}: ${what}`))
    } catch (error) {
      problems.push(`sample ${i + 1}: the parser threw ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return problems
}

function checkSample(dialect: Dialect, text: string, expected: readonly Record<string, unknown>[]): string[] {
  const problems: string[] = []
  const { events, strange } = readWith(dialect, text)
  for (const index of strange) problems.push(`line ${index + 1} is not understood`)
  if (expected.length > 0 && !text.split('\n').some((line) => dialect.recognize(line) > 0)) {
    problems.push('recognize() answers 0 to every line of it')
  }
  for (const [i, want] of expected.entries()) {
    const got = events[i] as Record<string, unknown> | undefined
    if (got === undefined) {
      problems.push(`event ${i + 1}: ${show(want)} expected, none came`)
      continue
    }
    for (const [key, value] of Object.entries(want)) {
      if (!isDeepStrictEqual(got[key], value)) {
        problems.push(`event ${i + 1}: ${key} is ${show(got[key])}, ${show(value)} expected`)
      }
    }
  }
  for (const extra of events.slice(expected.length)) problems.push(`an event too many: ${show(extra)}`)
  return problems
}

const CAPABILITIES: Readonly<Record<string, readonly unknown[]>> = {
  ids: [true, false],
  start: [true, false],
  end: ['reply', 'span', 'inferred'],
  errno: ['all', 'some', 'none'],
  path: ['all', 'some', 'none'],
  pid: [true, false],
  timestamps: ['ns', 'us', 'ms', 's', null],
  lookupNames: [true, false],
  inodes: [true, false, undefined],
}

function shape(dialect: unknown): string[] {
  if (typeof dialect !== 'object' || dialect === null) return [`a dialect is an object, not ${show(dialect)}`]
  const problems: string[] = []
  const given = dialect as Record<string, unknown>
  const want = (key: string, fits: boolean, what: string): void => {
    if (!fits) problems.push(`${key}: ${what} expected, ${show(given[key])} given`)
  }
  want('name', typeof given.name === 'string' && /^[a-z0-9][a-z0-9-]*$/.test(given.name), 'a name like my-dialect')
  want('version', Number.isSafeInteger(given.version) && Number(given.version) > 0, 'a whole number from 1')
  want('description', typeof given.description === 'string', 'a line of text')
  want('recognize', typeof given.recognize === 'function', 'a function')
  want('parser', typeof given.parser === 'function', 'a function')
  want('time', given.time === undefined || typeof given.time === 'function', 'a function, or nothing')
  want('samples', Array.isArray(given.samples) && given.samples.every(isSample), 'an array of { lines, events }')
  const capabilities = (typeof given.capabilities === 'object' && given.capabilities) || {}
  for (const [key, values] of Object.entries(CAPABILITIES)) {
    const value = (capabilities as Record<string, unknown>)[key]
    if (!values.includes(value)) {
      problems.push(`capabilities.${key}: one of ${values.map(show).join(', ')} expected, ${show(value)} given`)
    }
  }
  return problems
}

const isSample = (sample: unknown): boolean =>
  typeof sample === 'object' &&
  sample !== null &&
  'lines' in sample &&
  typeof sample.lines === 'string' &&
  'events' in sample &&
  Array.isArray(sample.events)

const show = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value))
