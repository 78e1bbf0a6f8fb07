import type { Reader, Writer } from './cursor.js'
import { IOCTL } from './flags.js'
import { IOVEC_LAYOUT } from './layout.js'
import type { ReadList, Values, WriteFields } from './values.js'
import { WireError } from './wire-error.js'

/** The kernel takes no more than these, in and out together. */
const MAX_IOVECS = 256

/** Before 7.16 they were the `struct iovec` of the daemon's machine, whose size nothing in the message says. */
const SINCE = 16

/** The memory that an ioctl's reply asks the kernel to try again with; empty unless it does. */
export function readIovecs(reader: Reader, values: Values, readList: ReadList): unknown[] {
  const count = countOf(values)
  if (count === 0 || reader.protocol.minor < SINCE) return []
  if (count > MAX_IOVECS)
    throw new WireError('length', reader.offset, `${count} iovecs, at most ${MAX_IOVECS} are taken`)
  return readList({ is: 'struct', layout: IOVEC_LAYOUT }, count, 'iovecs', reader)
}

export function writeIovecs(writer: Writer, values: Readonly<Values>, writeFields: WriteFields): void {
  const iovecs = (values.iovecs ?? []) as readonly Values[]
  const count = writer.protocol.minor < SINCE ? 0 : countOf(values)
  if (iovecs.length !== count) {
    throw new WireError('length', writer.length, `${iovecs.length} iovecs where the reply announces ${count}`)
  }
  for (const iovec of iovecs) writeFields(IOVEC_LAYOUT, iovec, writer)
}

function countOf(values: Readonly<Values>): number {
  if (!(((values.flags as number | undefined) ?? 0) & IOCTL.RETRY)) return 0
  return ((values.inIovs as number | undefined) ?? 0) + ((values.outIovs as number | undefined) ?? 0)
}
