import type { Raw } from '../../line/line.js'
import { MAKES_NODE } from '../core/effects.js'
import { errnoNumber, errnoWords } from '../core/errno.js'
import { type FailedLines, failedReply } from '../core/failed.js'
import { opcodeNumber } from '../core/opcode.js'
import type { DialectWriter, WrittenOutcome, WrittenRequest } from '../core/writer.js'
import { BEFORE_NAMES } from './line.js'

const octal = (mode: number): string => `0${mode.toString(8)}`
const hex = (flags: number): string => `0x${flags.toString(16)}`

/** Bytes of the whole request. */
function insize({ opcode, entry, otherEntry, target, xattr, values }: WrittenRequest): number {
  const before = BEFORE_NAMES[opcode]
  if (before === undefined) return 56 + (opcode === 'write' ? 24 + Number(values.size ?? 0) : 0)
  const names = [entry, otherEntry, target, xattr].filter((name) => name !== undefined)
  const value = opcode === 'setxattr' ? Number(values.size ?? 0) : 0
  return 40 + before + value + names.reduce((sum, name) => sum + name.length + 1, 0)
}

/** How the high level of libfuse shows a call, by opcode; without one there is the request's own line alone. */
const CALLS: Readonly<Record<string, (request: WrittenRequest) => Raw>> = {
  lookup: ({ path }) => `LOOKUP ${path}`,
  getattr: ({ path }) => `getattr[NULL] ${path}`,
  setattr: ({ path, values: { size, mode } }) =>
    size === undefined ? `chmod[NULL] ${path} ${(mode ?? 0o100644).toString(8)}` : `truncate ${path} ${size}`,
  statx: ({ path }) => `statx[NULL] ${path} 256 4095`,
  readlink: ({ path }) => `readlink ${path} 4097`,
  symlink: ({ path, target }) => `symlink ${target} ${path}`,
  mknod: ({ path, values }) => `mknod ${path} ${octal(values.mode ?? 0o100644)} 0x0 umask=0022`,
  mkdir: ({ path, values }) => `mkdir ${path} ${octal(values.mode ?? 0o755)} umask=0022`,
  unlink: ({ path }) => `unlink ${path}`,
  rmdir: ({ path }) => `rmdir ${path}`,
  rename: ({ path, newPath }) => `rename ${path} ${newPath} 0x0`,
  rename2: ({ path, newPath, values }) => `rename ${path} ${newPath} ${hex(values.flags ?? 0)}`,
  link: ({ path, newPath }) => `link ${path} ${newPath}`,
  open: ({ path, values }) => `open flags: ${hex(values.flags ?? 0x8000)} ${path}`,
  read: ({ values: { size, offset, fh } }) =>
    `read[${fh ?? 5}] ${size ?? 4096} bytes from ${offset ?? 0} flags: 0x8000`,
  write: ({ values: { size, offset, fh } }) => `write[${fh ?? 5}] ${size ?? 0} bytes to ${offset ?? 0} flags: 0x8001`,
  statfs: ({ path }) => `statfs ${path}`,
  release: ({ values: { fh, flags } }) => `release[${fh ?? 5}] flags: ${hex(flags ?? 0x8000)}`,
  fsync: ({ values: { fh } }) => `fsync[${fh ?? 5}]`,
  setxattr: ({ path, xattr, values }) => `setxattr ${path} ${xattr} ${values.size ?? 0} ${hex(values.flags ?? 0)}`,
  getxattr: ({ path, xattr, values }) => `getxattr ${path} ${xattr} ${values.size ?? 0}`,
  listxattr: ({ path, values }) => `listxattr ${path} ${values.size ?? 0}`,
  removexattr: ({ path, xattr }) => `removexattr ${path} ${xattr}`,
  flush: ({ values: { fh } }) => `flush[${fh ?? 5}]`,
  opendir: ({ path, values }) => `opendir flags: ${hex(values.flags ?? 0x18800)} ${path}`,
  readdir: ({ values: { offset } }) => `readdir[0] from ${offset ?? 0}`,
  readdirplus: ({ values: { offset } }) => `readdirplus[0] from ${offset ?? 0}`,
  releasedir: () => 'releasedir[0] flags: 0x0',
  fsyncdir: () => 'fsyncdir[0]',
  access: ({ path, values }) => `access ${path} 0${(values.mode ?? 4).toString(8)}`,
  create: ({ path, values: { flags, mode } }) =>
    `create flags: ${hex(flags ?? 0x8041)} ${path} ${octal(mode ?? 0o100644)} umask=0022`,
  fallocate: ({ path, values: { mode, offset, size } }) =>
    `fallocate ${path} mode ${(mode ?? 0).toString(16)}, offset: ${offset ?? 0}, length: ${size ?? 0}`,
  forget: ({ nodeId }) => `FORGET ${nodeId}/1\nDELETE: ${nodeId}`,
}

/** The log of libfuse's high level (`-d`), as its version 3 writes it. */
export const libfuseWriter: DialectWriter = {
  request(request) {
    const { unique, opcode, nodeId, pid } = request
    const number = opcodeNumber(opcode) ?? 0
    const name = `${opcode.toUpperCase()} (${number})`
    const head = `unique: ${unique}, opcode: ${name}, nodeid: ${nodeId}, insize: ${insize(request)}, pid: ${pid}`
    const call = CALLS[opcode]?.(request)
    return [head, ...(call === undefined ? [] : call.split('\n'))]
  },
  reply({ unique, opcode }, { errno, childNodeId }: WrittenOutcome) {
    if (errno !== null) {
      return [`   unique: ${unique}, error: -${errnoNumber(errno) ?? 5} (${errnoWords(errno) ?? errno}), outsize: 16`]
    }
    const node = MAKES_NODE.has(opcode) && childNodeId !== null ? [`   NODEID: ${childNodeId}`] : []
    return [...node, `   unique: ${unique}, success, outsize: ${node.length > 0 ? 144 : 16}`]
  },
}

const failedLine = failedReply(
  /^(.{0,200}? {3}unique: \d{1,16}, )(?:success|error: -?\d{1,6} \([^)]{0,80}\)), outsize: \d{1,10}/s,
  (_, { number, words }) => `error: -${number} (${words}), outsize: 16`,
)

/** An error is answered with no node. */
export const libfuseFailed: FailedLines = (lines, errno) =>
  failedLine(lines, errno)?.map((raw) => (/^ {0,3}NODEID: \d+$/.test(raw ?? '') ? null : raw)) ?? null
