import type { Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'

/**
 * A probe of the file system. Paths are below the mountpoint and begin with `/`. `caughtUp`: a request of our own follows it, as the
 * probe `answers` makes one, and what has been logged by then has been read when the answer is given.
 */
export type ProbeQuestion =
  | { readonly probe: 'exists' | 'isDirectory'; readonly path: string; readonly caughtUp?: true }
  /** Size in bytes, null when there is no such file. */
  | { readonly probe: 'size'; readonly path: string }
  /** The number of what is there, in decimal digits; null when nothing is. */
  | { readonly probe: 'inode'; readonly path: string }
  /** The value as raw (latin1) bytes, null when there is no such attribute. */
  | { readonly probe: 'xattr'; readonly path: string; readonly name: string }
  | { readonly probe: 'mounted' }
  /** Requests in flight, as `/sys/fs/fuse/connections/N/waiting` counts them. */
  | { readonly probe: 'inFlight' }
  /**
   * A request of our own through the mount, for a name that cannot exist. Answered, its value is the number of lines that had
   * been read when it was made: where the daemon does one thing at a time, what began in them is done.
   */
  | { readonly probe: 'answers' }
  /** Descriptors that processes hold on a file, as far as this user may know; 0, 1 or more. None: `caughtUp` after that. */
  | { readonly probe: 'handles'; readonly path: string }
  /** A user's own, answered by the wait itself. */
  | { readonly probe: 'user' }

/** Whether a request of our own comes after this answer: see `caughtUp`. */
export function comesWithOwn(question: ProbeQuestion, { value }: ProbeFinding): boolean {
  return question.probe === 'handles' ? value === 0 : 'caughtUp' in question
}

/** The question's path and name, as a recording holds them. */
export function argumentsOf(question: ProbeQuestion): Raw[] {
  const args: Raw[] = []
  if ('path' in question) args.push(encode(question.path))
  if ('name' in question) args.push(encode(question.name))
  return args
}

/** What the probe found. `errno` when it failed in another way than by the thing's absence. */
export interface ProbeFinding {
  readonly value: boolean | number | string | null
  readonly errno: string | null
}

/** `unknown`: the probe hangs, was abandoned, failed, or (in replay) nothing was recorded. */
export type ProbeAnswer = ProbeFinding | 'unknown'

/**
 * Probes the file system under test. A live one must be abandonable (a hung mount hangs nothing: answer `unknown`), and
 * must answer `unknown` when the mountpoint is not the mount any more: what is underneath would answer instead.
 * It never rejects.
 */
export interface Prober {
  probe(question: ProbeQuestion): Promise<ProbeAnswer>
}

/** @deprecated A `Prober` whose method has its old name. */
export interface LegacyProber {
  look(question: ProbeQuestion): Promise<ProbeAnswer>
}

const unknown: Promise<ProbeAnswer> = Promise.resolve('unknown')

/** How a prober is asked; without one nothing is known. */
export function probeOf(prober: Prober | LegacyProber | null): (question: ProbeQuestion) => Promise<ProbeAnswer> {
  if (prober === null) return () => unknown
  return (question) => ('probe' in prober ? prober.probe(question) : prober.look(question))
}
