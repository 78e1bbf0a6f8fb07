import { readWith } from '../../dialect/core/check-dialect.js'
import type { Dialect, Sample } from '../../dialect/core/dialect.js'
import type { Raw } from '../../line/line.js'
import { CONVERSIONS, type Conversion } from './conversion.js'
import type { Rule } from './rule.js'
import { type Unwrap, unwrapped, unwrapSource } from './unwrap.js'

/** Rewritings of lines, all of them in the order in which they are tried. */
export interface Patch {
  /** First what stands around every line is taken off. */
  unwrap: Unwrap | null
  /** Then the first rule that fits the line. */
  rules: readonly Rule[]
}

/** The dialect, reading rewritten lines. Its samples are lines of the new log, as it reads them. */
export function patched(dialect: Dialect, patch: Patch, sampleLines: readonly Raw[]): Dialect {
  const restore = restorer(patch)
  const base: Dialect = {
    ...dialect,
    samples: [],
    recognize: (raw) => dialect.recognize(restore(raw)),
    parser: (options) => {
      const parser = dialect.parser(options)
      return {
        line: (line, emit) => parser.line({ ...line, raw: restore(line.raw) }, emit),
        end: (emit) => parser.end(emit),
      }
    },
  }
  return { ...base, samples: samplesOf(base, sampleLines) }
}

/** Lines of the new log that are read as one request, with what it says: they prove the dialect when it is loaded. */
function samplesOf(dialect: Dialect, lines: readonly Raw[]): Sample[] {
  const samples: Sample[] = []
  for (const text of lines) {
    if (samples.length >= 3) break
    const { events, strange } = readWith(dialect, text)
    const event = events[0]
    if (strange.length > 0 || events.length !== 1 || event?.kind !== 'request') continue
    if (samples.some(({ events: [other] }) => other?.opcode === event.opcode)) continue
    samples.push({ lines: text, events: [{ kind: 'request', opcode: event.opcode, unique: event.unique }] })
  }
  return samples
}

function restorer({ unwrap, rules }: Patch): (raw: Raw) => Raw {
  const compiled = rules.map(({ pattern, parts }) => ({ pattern: new RegExp(pattern), parts }))
  return (raw) => {
    const text = unwrapped(raw, unwrap)
    for (const { pattern, parts } of compiled) {
      const found = pattern.exec(text)
      if (found === null) continue
      const write = ({ group, convert }: { group: number; convert?: Conversion }): string => {
        const value = found[group] ?? ''
        return convert ? CONVERSIONS[convert](value) : value
      }
      return parts.map((part) => (typeof part === 'string' ? part : write(part))).join('')
    }
    return text
  }
}

/** The patch as a file for `--dialect`. */
export function moduleText(dialect: Dialect, patch: Patch, why: readonly string[]): string {
  const { name, samples } = dialect
  const used = [
    ...new Set(
      patch.rules.flatMap(({ parts }) =>
        parts.flatMap((part) => (typeof part === 'string' ? [] : (part.convert ?? []))),
      ),
    ),
  ]
  const rules = patch.rules.map(({ pattern, parts }) => {
    const shown = parts.map((part) => {
      if (typeof part === 'string') return JSON.stringify(part)
      return part.convert ? `${part.convert}(m[${part.group}])` : `m[${part.group}]`
    })
    return `  [${regex(pattern)}, (m) => ${shown.join(' + ') || "''"}],`
  })
  return `// Save as my-dialect.js and use it with --dialect ./my-dialect.js
import { dialects } from 'fusetrace'

const base = dialects.find(({ name }) => name === '${name}')
${why.map((one) => `// ${one.replace(/[\r\n\u2028\u2029]/g, ' ')}`).join('\n')}
${used.map((one) => `const ${one} = ${CONVERSIONS[one].toString()}`).join('\n')}
/** How lines are written now, and what they were. */
const rules = [
${rules.join('\n')}
]
const unwrap = (raw) => {
  try {
    return ${unwrapSource(patch.unwrap)} ?? raw
  } catch {
    return raw
  }
}
const restore = (raw) => {
  const text = String(unwrap(raw))
  for (const [pattern, before] of rules) {
    const m = pattern.exec(text)
    if (m) return before(m)
  }
  return text
}

export default {
  ...base,
  samples: ${JSON.stringify(samples)},
  recognize: (raw) => base.recognize(restore(raw)),
  parser(options) {
    const parser = base.parser(options)
    return { line: (line, emit) => parser.line({ ...line, raw: restore(line.raw) }, emit), end: (emit) => parser.end(emit) }
  },
}`
}

/** As a literal: control characters and what ends a line are escaped, and text that is not ASCII. */
const regex = (pattern: string): string =>
  `/${pattern.replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}/`
