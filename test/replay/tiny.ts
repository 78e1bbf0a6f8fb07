import type { Capabilities, Dialect, DialectEvent } from '../../src/dialect/core/dialect.js'
import type { Row } from '../../src/recording/row.js'
import type { ReplayOptions } from '../../src/replay/replay-options.js'
import { ReplaySession } from '../../src/replay/replay-session.js'

const capabilities: Capabilities = {
  ids: true,
  start: true,
  end: 'reply',
  errno: 'all',
  path: 'all',
  pid: false,
  timestamps: null,
  lookupNames: true,
}

/**
 * A log as plain as can be. `> 8 create /a.txt`, `> 9 rename /a /b`, `> 9 setxattr /a = user.x` begin;
 * `< 8 ok`, `< 8 ENOENT`, `< 8 ?` end; `= ok` tells a success before its end (of `silent`). A `-` for the path is a path that is not shown.
 */
export const tiny: Dialect = make('tiny', capabilities, (words) => ({ unique: Number(words[1]) }))

/** The same without ends: the next request ends the one before. */
export const silent: Dialect = make('silent', { ...capabilities, end: 'inferred', errno: 'none' }, () => ({
  unique: null,
  slot: 'only',
}))

/** The same with a thread's number in place of the id: a request ends the one before in its thread. */
export const threads: Dialect = make('threads', { ...capabilities, end: 'inferred', errno: 'none' }, (words) => ({
  unique: null,
  slot: words[1] ?? '',
}))

function make(
  name: string,
  capabilities: Capabilities,
  key: (words: readonly string[]) => { unique: number } | { unique: null; slot: string },
): Dialect {
  return {
    name,
    version: 1,
    description: 'for tests',
    capabilities,
    samples: [],
    recognize: (raw) => (/^[<>] \d+ \S/.test(raw) ? 2 : 0),
    parser: () => ({
      end: () => undefined,
      line(line, emit) {
        const words = line.raw.split(' ')
        const lines = [line.index, line.index] as const
        if (words[0] === '>') {
          const event: DialectEvent = {
            kind: 'request',
            ...key(words),
            opcode: words[2] ?? '',
            atNs: line.atNs,
            lines,
          }
          const path = words[3]
          if (path !== undefined && path !== '-') event.path = path
          if (words[4] === '=') event.xattr = words[5] ?? ''
          else if (words[4] !== undefined) event.newPath = words[4]
          emit(event)
          return true
        }
        if (words[0] === '=') {
          emit({ kind: 'detail', key: 'only', status: 'ok', atNs: line.atNs, lines })
          return true
        }
        if (words[0] !== '<') return false
        const told = words[2] ?? '?'
        emit({
          kind: 'reply',
          key: Number(words[1]),
          endedBy: 'reply',
          status: told === 'ok' ? 'ok' : told === '?' ? 'unknown' : 'error',
          errno: told === 'ok' || told === '?' ? null : told,
          atNs: line.atNs,
          lines,
        })
        return true
      },
    }),
  }
}

/**
 * Rows from a script, a millisecond each: log lines as above, `step NAME`, `end NAME`, `moment NAME`, `exit CODE|SIGNAL`,
 * `lost WHY`, `rung NAME`, `exists PATH yes|no`, `answers LINES` (a request of our own), `after MS` (a pause before the next).
 */
export function rows(script: string): Row[] {
  let atNs = 0
  const out: Row[] = []
  for (const text of script.split('\n').map((line) => line.trim())) {
    if (text === '') continue
    const [what, first = '', second = ''] = text.split(' ')
    if (what === 'after') {
      atNs += Number(first) * 1e6
      continue
    }
    atNs += 1e6
    if (what === 'step' || what === 'end' || what === 'moment') {
      out.push({ kind: 'mark', atNs, edge: what === 'step' ? 'begin' : what, name: first })
    } else if (what === 'exit') {
      const code = /^\d+$/.test(first) ? Number(first) : null
      out.push({ kind: 'exit', atNs, code, signal: code === null ? first : null })
    } else if (what === 'lost') out.push({ kind: 'mount', atNs, event: 'lost', detail: text.slice(5) })
    else if (what === 'rung') out.push({ kind: 'mount', atNs, event: first as 'answered', detail: null })
    else if (what === 'answers') {
      out.push({ kind: 'probe', atNs, probe: 'answers', args: [], answer: Number(first), errno: null })
    } else if (what === 'exists') {
      out.push({ kind: 'probe', atNs, probe: 'exists', args: [first], answer: second === 'yes', errno: null })
    } else out.push({ kind: 'line', atNs, stream: 'stderr', raw: text, terminated: true })
  }
  return out
}

/** A replay of a script. */
export function replay(script: string, options: ReplayOptions = {}): ReplaySession {
  return new ReplaySession(rows(script), null, { dialect: tiny, ...options })
}
