/**
 * What a report's page is given of each recording: columns rather than rows, texts once each, all of them escaped already. The
 * page's own code (page/) and what fills it (page-recording.ts) share these types and nothing else.
 */

/** How an operation came out, by its place here. */
export const OUTCOMES = ['ok', 'error', 'unknown', 'unfinished', 'ok: no entry'] as const
/** How its end is known, by its place here. */
export const ENDED = ['', 'reply', 'span', 'wire', 'last-event', 'next-request'] as const
/** What both sides of a pair of operations are to each other, by its place here. */
export const PAIRS = ['same', 'outcome', 'only-a', 'only-b', 'moved', 'chance'] as const

/** A place in the table of texts; -1 is none. */
export type TextIndex = number

/** Operations in order of their ids. A column that would hold nothing is absent. */
export interface OperationColumns {
  /** Each as its difference to the one before. */
  id: number[]
  start: number[]
  /** How long it took, ns; -1 when its end is not known. */
  took: number[]
  opcode: TextIndex[]
  /** What it is about, in a line: its path and what else it names. */
  subject: TextIndex[]
  path: TextIndex[]
  newPath?: TextIndex[]
  /** What a symlink says, or the name of an xattr. */
  name?: TextIndex[]
  outcome: number[]
  errno: TextIndex[]
  ended: number[]
  pid: number[]
  unique: number[]
  /** First log line as a difference to the one before's, and how many after it; -1 when it has none. */
  line: number[]
  lines: number[]
  /** 1: fusetrace's own. */
  own?: number[]
  /** Other values, as JSON of name and text by turns. */
  extra?: TextIndex[]
  /** Of the kernel's events: when it was sent and ended, as differences to `start`; null where not known. */
  kernelSend?: (number | null)[]
  kernelEnd?: (number | null)[]
  /** The messages' fields, as JSON of name and text by turns. */
  request?: TextIndex[]
  reply?: TextIndex[]
}

/** Anything else that happened. Times are ns since the origin. */
export type PageEvent =
  | { k: 'step'; at: number; end: number | null; name: string; depth: number }
  | { k: 'moment'; at: number; name: string; own: boolean }
  | { k: 'call'; at: number; end: number; text: string; outcome: string; bad: boolean; message: string | null }
  | { k: 'probe'; at: number; text: string }
  | PageWait
  | { k: 'mount'; at: number; event: string; detail: string | null; bad: boolean }
  | { k: 'exit'; at: number; text: string; bad: boolean }
  | { k: 'loss'; at: number; text: string }
  | { k: 'fault'; at: number; text: string }

export interface PageWait {
  k: 'wait'
  at: number
  end: number
  title: string
  since: string
  sinceNs: number
  outcome: string
  by: string | null
  /** Ids of operations. */
  operations: number[]
  misses: { operation: number; reasons: string[] }[]
  note: string | null
}

export interface PageRecording {
  /** The file's name. */
  name: string
  dialect: string
  durationNs: number
  /** Lines of the recording, and how many of them the page holds. */
  lineCount: number
  linesHeld: number
  unparsed: number | null
  /** What is wrong with the file, or left out of the page; empty when all is here. */
  problems: string[]
  /** The header and counts, for people. */
  facts: [string, string][]
  texts: string[]
  /** Numbers of the errnos that are named. */
  errnos: Record<string, number>
  operations: OperationColumns
  events: PageEvent[]
  /** In how many blocks the lines' text is beside this. */
  lineBlocks: number
}

/** What is known of each line besides its text; beside the page's data, as nothing of it is seen at once. */
export interface PageLines {
  /** Each as its difference to the one before. */
  times: number[]
  /** 0 stdout, 1 stderr, 2 tty. */
  streams: number[]
}

/** Two recordings side by side: places of operations on either side (-1: it has none), and what they are to each other. */
export interface PageComparison {
  a: number[]
  b: number[]
  kind: number[]
  /** Place of the first difference among the pairs; -1 when there is none. */
  first: number
}

/** All that the page is given; the text of the lines is beside it, a line each. */
export interface PageData {
  version: string
  recordings: PageRecording[]
  comparison: PageComparison | null
}
