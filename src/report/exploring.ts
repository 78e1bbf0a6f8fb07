import { printable, printableLines } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import type { ExploreRecordingReport, Preemption } from '../schedule/order.js'

/** What an exploration of a recording came to, for people. */
export function exploringText({ orders, leftOut, complete, failing }: ExploreRecordingReport): string {
  const tried = `${orders} ${orders === 1 ? 'order' : 'orders'} tried${leftOut > 0 ? `, ${leftOut} left out that would be read otherwise` : ''}`
  if (failing === null) {
    return `${tried}${complete ? '' : '; the bound was met before all were'}: the test passes in each\n`
  }
  const { preemptions, seed, error } = failing
  const turns = seed === null ? '' : `  turns as of seed ${seed}\n`
  const differences =
    preemptions.length === 0 ? '  the order that was recorded\n' : preemptions.map(preemptionText).join('')
  return `${tried}: the test fails in this one\n${differences}${turns}\n${printableLines(error.message)}\n`
}

function preemptionText({ operation, what, after }: Preemption): string {
  const place = after === null ? 'at the begin' : `after ${typeof after === 'string' ? printable(after) : brief(after)}`
  return `  ${brief(operation)} ${what === 'end' ? 'ends' : 'comes'} ${place}\n`
}

const brief = ({ id, opcode, path }: Operation): string =>
  `#${id} ${printable(opcode)}${path === null ? '' : ` ${printable(path)}`}`
