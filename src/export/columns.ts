import { durationNs } from '../operation/duration.js'
import type { Exported, ExportedOperation } from './source.js'
import { namesOf } from './steps.js'

export type ColumnType = 'string' | 'int64' | 'uint64' | 'int32' | 'uint32' | 'boolean' | 'timestamp'
export type Cell = string | number | bigint | boolean | null

/** A column of the table of operations. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  of(item: ExportedOperation, recording: Exported): Cell
}

type Number64 = number | string | undefined

/** A number of 64 bits without a sign; null where it is not known, or is none. */
function unsigned(value: Number64): bigint | null {
  if (value === undefined) return null
  const wide = BigInt(value)
  return wide < 0n || wide >= 2n ** 64n ? null : wide
}

const int = (value: number | null | undefined): number | null =>
  value === null || value === undefined || value < -(2 ** 31) || value >= 2 ** 31 ? null : value
const uint = (value: number | undefined): number | null =>
  value === undefined || value < 0 || value >= 2 ** 32 ? null : value
const wide = (value: number | null | undefined): bigint | null =>
  value === null || value === undefined ? null : BigInt(value)

/** The table of operations, for CSV and Parquet. Times are ns since the recording's origin. */
export const COLUMNS: readonly Column[] = [
  { name: 'file', type: 'string', of: (_, { file }) => file },
  { name: 'dialect', type: 'string', of: (_, { header }) => header.dialect },
  { name: 'step', type: 'string', of: ({ step }) => step?.name ?? null },
  { name: 'step_path', type: 'string', of: ({ step }) => (step === null ? null : namesOf(step).join(' / ')) },
  { name: 'id', type: 'int32', of: ({ operation }) => int(operation.id) },
  { name: 'opcode', type: 'string', of: ({ operation }) => operation.opcode },
  { name: 'unique', type: 'int64', of: ({ operation }) => wide(operation.unique) },
  { name: 'pid', type: 'int32', of: ({ operation }) => int(operation.pid) },
  { name: 'path', type: 'string', of: ({ operation }) => operation.path },
  { name: 'new_path', type: 'string', of: ({ operation }) => operation.newPath },
  { name: 'target', type: 'string', of: ({ operation }) => operation.target ?? null },
  { name: 'name', type: 'string', of: ({ operation }) => operation.name },
  {
    name: 'started_at',
    type: 'timestamp',
    of: ({ operation }, { header }) =>
      header.originWallNs === null ? null : header.originWallNs + BigInt(operation.startNs),
  },
  { name: 'start_ns', type: 'int64', of: ({ operation }) => BigInt(operation.startNs) },
  { name: 'end_ns', type: 'int64', of: ({ operation }) => wide(operation.endNs) },
  { name: 'duration_ns', type: 'int64', of: ({ operation }) => wide(durationNs(operation)) },
  { name: 'queue_ns', type: 'int64', of: ({ operation }) => wide(operation.queueNs) },
  { name: 'ended_by', type: 'string', of: ({ operation }) => operation.endedBy },
  { name: 'status', type: 'string', of: ({ operation }) => operation.status },
  { name: 'errno', type: 'string', of: ({ operation }) => operation.errno },
  { name: 'size', type: 'uint64', of: ({ operation }) => unsigned(operation.size) },
  { name: 'offset', type: 'uint64', of: ({ operation }) => unsigned(operation.offset) },
  { name: 'mode', type: 'uint32', of: ({ operation }) => uint(operation.mode) },
  { name: 'flags', type: 'uint32', of: ({ operation }) => uint(operation.flags) },
  { name: 'node_id', type: 'uint64', of: ({ operation }) => unsigned(operation.nodeId) },
  { name: 'fh', type: 'uint64', of: ({ operation }) => unsigned(operation.fh) },
  { name: 'own', type: 'boolean', of: ({ own }) => own },
]
