import { OPCODE_NAMES } from '../../dialect/core/opcode.js'

const KNOWN = new Set(OPCODE_NAMES)

/** A request that is no request of FUSE: a known one under another name. */
export const isForeign = (opcode: string): boolean => !KNOWN.has(opcode) && opcode !== 'unknown'
