import type { OperationValues } from '../dialect/core/dialect.js'

/** How the end of an operation is known: its reply line, its span's close, its last event, only the next request, or the wire. */
export type EndedBy = 'reply' | 'span' | 'wire' | 'last-event' | 'next-request'

/**
 * `ok` and `error` where the log shows; `unknown` when it does not show the outcome;
 * `unfinished` when no end was seen before the log ended.
 */
export type Status = 'ok' | 'error' | 'unknown' | 'unfinished'

/**
 * One FUSE request and its reply, as the log shows it. While it is open (`endNs` null and the log still running)
 * its fields may still be filled in; after its end it does not change any more.
 *
 * Paths are below the mountpoint (`/a.txt`), null where they cannot be known. Bytes that are not UTF-8 appear as
 * `\xNN` and then the exact bytes are in the field's `…Bytes` twin, in base64.
 */
export interface Operation extends Readonly<OperationValues> {
  /** From 0, in order of start. */
  readonly id: number
  /** The kernel's name in lower case without `FUSE_`: `lookup`, `create`, `readdirplus`. */
  readonly opcode: string
  /** The kernel's request id, null where the log has none. */
  readonly unique: number | null
  /** The object's path; the old name of a rename; the existing file of a link; the link itself of a symlink. */
  readonly path: string | null
  readonly pathBytes?: string
  /**
   * All names of a node that has several (hard links), `path` among them or null: which of them was meant is not certain.
   * Absent where there is one name, or the operation names it.
   */
  readonly paths?: readonly string[]
  /** The new name of a rename or link. */
  readonly newPath: string | null
  readonly newPathBytes?: string
  /** What a symlink says. Absent for other opcodes. */
  readonly target?: string | null
  readonly targetBytes?: string
  /** The attribute's name, for the xattr opcodes. */
  readonly name: string | null
  readonly nameBytes?: string
  /** Nanoseconds since the origin. */
  readonly startNs: number
  /** The same; null while no end has been seen. */
  readonly endNs: number | null
  /** How the end is known: `last-event` and `next-request` are inferred. Null while no end has been seen. */
  readonly endedBy: EndedBy | null
  /** How it came out. */
  readonly status: Status
  /** `ENOENT`; null when it did not fail, or the log says that it failed but not how. */
  readonly errno: string | null
  /** A lookup that went well and found nothing: its reply names node 0, which the kernel keeps as "there is no such name". */
  readonly negative?: true
  /** The process that asked, null where the log does not show it. */
  readonly pid: number | null
  /** First and last index of the lines that it was read from. */
  readonly lines: readonly [number, number]
}
