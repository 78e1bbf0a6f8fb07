/** Most harmful first: a wait or field is lost; known, but less exactly; nothing is lost. */
export type Severity = 'breaks' | 'degrades' | 'cosmetic'

/** Stable names of what can have changed; scripts rely on them. */
export type FindingCode =
  | 'dialect-changed'
  | 'encoding-changed'
  | 'colour-changed'
  | 'timestamp-changed'
  | 'prefix-changed'
  | 'whitespace-changed'
  | 'stream-moved'
  | 'level-changed'
  | 'level-gone'
  | 'span-events-gone'
  | 'span-events-new'
  | 'field-renamed'
  | 'field-gone'
  | 'field-new'
  | 'field-moved'
  | 'message-reworded'
  | 'value-format-changed'
  | 'event-split'
  | 'line-gone'
  | 'line-new'
  | 'operation-gone'
  | 'operation-new'
  | 'operation-renamed'
  | 'operation-doubled'
  | 'operation-changed'
  | 'reply-gone'
  | 'end-inferred'
  | 'errno-lost'
  | 'status-lost'
  | 'path-lost'
  | 'name-lost'
  | 'pid-lost'
  | 'id-lost'
  | 'understood-less'
  | 'recording-damaged'

/** One of the two lines that a finding shows. */
export interface Side {
  /** The line, colour taken out, bytes that are not UTF-8 as `\xNN`. */
  text: string
  /** Its number in its log, from 0. */
  line: number
  /** The differing parts, [from, to) in characters of `text`. */
  ranges: [number, number][]
}

/** What a wait needs, and how often the logs had it. */
export interface WaitImpact {
  wait: string
  needs: string
  before: number
  now: number
  /** One sentence of all that. */
  text: string
}

/** One difference between two logs' formats. */
export interface Finding {
  code: FindingCode
  severity: Severity
  /** What changed, one sentence. */
  title: string
  old: Side | null
  new: Side | null
  /** Lines concerned, of the old log, or of the new where the old has none. */
  lines: number
  /** Operations whose lines these are. */
  opcodes: string[]
  /** What follows from it, as codes. */
  effects: FindingCode[]
  /** What follows from it, in words. */
  consequence: string
  waits: WaitImpact[]
  /** Recordings of tests that rely on it. */
  tests: string[]
}

/** A log in short. */
export interface LogSummary {
  dialect: string
  lines: number
  understood: number
  operations: number
}

/** What `check` reports. */
export interface Comparison {
  findings: Finding[]
  /** Opcodes that the old log has and the new one had no occasion to show. */
  notExercised: string[]
  old: LogSummary
  new: LogSummary
}

const RANK: Readonly<Record<Severity, number>> = { breaks: 0, degrades: 1, cosmetic: 2 }

/** The worse of two. */
export const worse = (a: Severity, b: Severity): Severity => (RANK[a] <= RANK[b] ? a : b)

/** Most harmful first, then by how many lines it concerns. */
export const byHarm = (a: Finding, b: Finding): number =>
  RANK[a.severity] - RANK[b.severity] || b.lines - a.lines || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
