import { diffOperations, type RecordingDiff } from '../diff/diff-recordings.js'
import { compareProfiles } from '../drift/compare/compare.js'
import type { Comparison } from '../drift/findings/finding.js'
import type { Operation } from '../operation/operation.js'
import { OwnRequests } from '../recording/own-requests.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { profileOf } from './drift-input.js'

/** What differs between two recordings. Both are read side by side; without `all` only what fusetrace itself did not ask. */
export function diffFiles(a: string, b: string, all: boolean): RecordingDiff {
  const readers = [openRecording(a), openRecording(b)] as const
  try {
    const [left, right] = [operationsIn(readers[0], all), operationsIn(readers[1], all)]
    return diffOperations(left.operations, right.operations, { a: left.calls, b: right.calls })
  } finally {
    for (const reader of readers) reader.close()
  }
}

function operationsIn(reader: RecordingReader, all: boolean) {
  const own = new OwnRequests(reader)
  const operations = function* (): Generator<Operation> {
    for (const row of reader.rows({ kinds: ['operation'] }))
      if (row.kind === 'operation' && (all || !own.has(row.operation))) yield row.operation
  }
  return { operations: operations(), calls: own.calls }
}

/** How the log of one recording is written, against that of another. */
export function formats(a: string, b: string): Comparison {
  const [left, right] = [openRecording(a), openRecording(b)]
  try {
    return compareProfiles(profileOf(left, null), profileOf(right, null))
  } finally {
    left.close()
    right.close()
  }
}
