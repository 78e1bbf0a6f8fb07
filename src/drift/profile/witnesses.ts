import { opcodeName } from '../../dialect/core/opcode.js'
import type { Row } from '../../recording/row.js'
import type { Profile } from './profile.js'

/** Calls on a mount that cannot succeed without this request, whatever is cached. */
export const CALLS: Readonly<Record<string, string>> = {
  mkdir: 'mkdir',
  rmdir: 'rmdir',
  rename: 'rename',
  unlink: 'unlink',
  symlink: 'symlink',
  link: 'link',
  chmod: 'setattr',
  chown: 'setattr',
  truncate: 'setattr',
  utimes: 'setattr',
}

const OPCODE_AT = 4
const HEADER_BYTES = 40

/** What a row beside the log shows of requests that really were there, counted in `profile`. */
export function witness(row: Row, profile: Pick<Profile, 'witnessed' | 'called' | 'damage'>): void {
  if (row.kind === 'kernel') {
    if (row.edge === 'send' && row.opcode !== null) add(profile.witnessed, row.opcode)
  } else if (row.kind === 'request') {
    if (row.bytes.length >= HEADER_BYTES) add(profile.witnessed, opcodeName(u32(row.bytes, OPCODE_AT)))
  } else if (row.kind === 'call') {
    const opcode = row.root === 'mount' && row.error === null ? CALLS[row.method] : undefined
    if (opcode !== undefined) add(profile.called, opcode)
  } else if (row.kind === 'loss' && (row.what === 'log-bytes' || row.what === 'line-bytes')) {
    profile.damage.push(`${row.count} bytes of the log were lost when it was recorded`)
  }
}

function add(counts: Map<string, number>, opcode: string): void {
  const before = counts.get(opcode)
  if (before !== undefined || counts.size < 256) counts.set(opcode, (before ?? 0) + 1)
}

const u32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
