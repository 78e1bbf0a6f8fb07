import { closeSync, openSync, readSync } from 'node:fs'
import type { RecordingDiff } from '../diff/diff-recordings.js'
import type { Comparison } from '../drift/findings/finding.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { openRecording } from '../recording/reader.js'
import { counted } from '../report/drift-text.js'
import { diffFiles, formats } from './compare-recordings.js'
import type { Change, Changes } from './review-changes.js'

/** What has changed in a recording. */
export interface ReviewedChange extends Change {
  readonly same: number
  /** Operations that are not there any more. */
  readonly gone: number
  readonly new: number
  readonly outcomes: number
  readonly moved: number
  /** Findings about the log's format, by how harmful they are. */
  readonly format: { readonly breaks: number; readonly degrades: number; readonly cosmetic: number }
  /** The daemon's command is another. */
  readonly command: boolean
  /** Why the two could not be compared; null when they could. */
  readonly problem: string | null
}

export interface Review {
  readonly change: ReviewedChange
  readonly diff: RecordingDiff | null
  readonly format: Comparison | null
}

const NONE = { same: 0, gone: 0, new: 0, outcomes: 0, moved: 0, command: false }
const NO_FORMAT = { breaks: 0, degrades: 0, cosmetic: 0 }

/** Holds a recording against what it was. */
export function reviewOf(changes: Changes, change: Change): Review {
  const unknown = (problem: string | null): Review => ({
    change: { ...change, ...NONE, format: NO_FORMAT, problem },
    diff: null,
    format: null,
  })
  try {
    const before = changes.before(change)
    if (before === null) {
      const operations = countOf(change.file)
      return {
        ...unknown(null),
        change: { ...change, ...NONE, new: operations, format: NO_FORMAT, problem: null },
      }
    }
    if (isPointer(before))
      return unknown('git has only a pointer to it (Git LFS): git lfs pull, then compare with diff')
    if (change.status === 'deleted') {
      const operations = countOf(before)
      return {
        ...unknown(null),
        change: { ...change, ...NONE, gone: operations, format: NO_FORMAT, problem: null },
      }
    }
    return compared(change, before)
  } catch (error) {
    if (error instanceof FusetraceError) return unknown(error.message)
    throw error
  }
}

function compared(change: Change, before: string): Review {
  const diff = diffFiles(before, change.file, false)
  const format = formats(before, change.file)
  const severity = (name: string): number => format.findings.filter((finding) => finding.severity === name).length
  return {
    change: {
      ...change,
      same: diff.same,
      gone: diff.counts.onlyA,
      new: diff.counts.onlyB,
      outcomes: diff.counts.outcomes,
      moved: diff.counts.moved,
      format: { breaks: severity('breaks'), degrades: severity('degrades'), cosmetic: severity('cosmetic') },
      command: commandOf(before) !== commandOf(change.file),
      problem: null,
    },
    diff,
    format,
  }
}

/** A change in a line. */
export function reviewText({ change, format }: Review): string {
  const { status, against, same, gone, new: fresh, outcomes, moved, command, problem } = change
  const parts: string[] = []
  if (problem !== null) parts.push(`cannot be compared: ${problem}`)
  else if (status === 'new') parts.push(`new, ${fresh} operations`)
  else if (status === 'deleted') parts.push(`deleted, it had ${gone} operations`)
  else {
    if (gone > 0) parts.push(`${gone} operations gone`)
    if (fresh > 0) parts.push(`${fresh} new`)
    if (outcomes > 0) parts.push(`${outcomes} with another outcome`)
    if (parts.length === 0) parts.push(`its ${same} operations are the same`)
    if (moved > 0) parts.push(`${moved} in another order`)
    if (format !== null && format.findings.length > 0) parts.push(`format: ${counted(format.findings)}`)
    if (command) parts.push("another daemon's command")
  }
  return printable(`${change.file}: ${parts.join(', ')}${against === 'previous' ? ' (against .previous)' : ''}`)
}

/** Operations of a recording, those of fusetrace's own too. */
function countOf(path: string): number {
  const reader = openRecording(path)
  try {
    let count = 0
    for (const _ of reader.rows({ kinds: ['operation'] })) count++
    return count
  } finally {
    reader.close()
  }
}

function commandOf(path: string): string {
  const reader = openRecording(path)
  reader.close()
  return JSON.stringify(reader.header.command)
}

/** Git LFS keeps a few lines of text in place of a file. */
function isPointer(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const begin = Buffer.alloc(40)
    readSync(file, begin, 0, begin.length, 0)
    return begin.toString('latin1').startsWith('version https://git-lfs.github.com/')
  } finally {
    closeSync(file)
  }
}
