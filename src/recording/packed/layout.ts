import type { LineRow } from '../row.js'

/** Kinds of templates: lines have the bits below, 0 to 15. */
export const ROW_SHAPE = 16
export const OPERATION_SHAPE = 17
/** Of a line: whether it ended; its stream by twos; whether something in it was replaced since it was read. */
export const TERMINATED = 1
export const REPLACED = 8
export const STREAMS = ['stdout', 'stderr', 'tty'] as const
export const wayOf = ({ stream, terminated, readBytes }: LineRow): number =>
  STREAMS.indexOf(stream) * 2 + (terminated ? TERMINATED : 0) + (readBytes === undefined ? 0 : REPLACED)

/** What stands in a place of a row: in a pattern it is one byte of MessagePack's bytes, which stand for nothing else there. */
export const LEAF = { number: 0, text: 1, bytes: 2, packed: 3 } as const

/** A row's kind is this much higher when its times are as they are, not differences. */
export const ABSOLUTE = 64
/** The kind of operations, and items of one. */
export const OPERATION = 5
export const ID = 1
export const START = 7
export const END = 8
export const LINES = 13

/** By kind: the item that is its time, and those that are times compared with it. */
export const timeItem = (kind: number): number => (kind === 3 || kind === 12 ? 2 : 1)
export const otherTimes = (kind: number): readonly number[] => (kind === 3 ? [1] : kind === 12 ? [1, 5] : [])

/** By kind: the item that is the earliest of its times. */
export const beginItem = (kind: number): number => (kind === OPERATION ? START : 1)

/** What is counted for a line besides its text. */
export const LINE_CHARACTERS = 16

/** A block is full with so many rows. */
export const BLOCK_ROWS = 16_384
