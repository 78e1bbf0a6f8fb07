import type { ByteWriter } from './bytes.js'
import { choose, writeColumn } from './column-writer.js'
import type { Slot } from './line-template.js'
import type { LineWriter } from './line-writer.js'

/** Writes the columns of all parts that differ. Slots of one key share one where that takes less. */
export function writeParts(out: ByteWriter, lines: LineWriter): void {
  const slots = lines.templates.flatMap(({ columns }) => columns)
  const groups = grouped(slots)
  const sequences = sequencesOf(lines, groups)
  const choices = new Map(slots.map((slot) => [slot, choose(slot.values!)]))
  const joined = new Map<string, number>()
  const columns = []
  for (const [key, sequence] of sequences) {
    const apart = groups.get(key)!.reduce((sum, slot) => sum + choices.get(slot)!.cost + 1, 0)
    const together = choose(sequence)
    if (together.cost >= apart) continue
    joined.set(key, joined.size + 1)
    columns.push({ values: sequence, choice: together })
  }
  for (const { key } of slots) out.number(joined.get(key) ?? 0)
  for (const { values, choice } of columns) writeColumn(out, values, choice)
  for (const slot of slots) if (!joined.has(slot.key)) writeColumn(out, slot.values!, choices.get(slot))
}

function grouped(slots: readonly Slot[]): Map<string, Slot[]> {
  const groups = new Map<string, Slot[]>()
  for (const slot of slots) {
    const group = groups.get(slot.key)
    if (group) group.push(slot)
    else groups.set(slot.key, [slot])
  }
  return groups
}

/** What stands in all slots of a key that several have, line by line. */
function sequencesOf(
  { templates, of, nth, count }: LineWriter,
  groups: ReadonlyMap<string, readonly Slot[]>,
): Map<string, Float64Array> {
  const sequences = new Map<string, { values: Float64Array; count: number }>()
  for (const [key, group] of groups) {
    const length = group.reduce((sum, { values }) => sum + values!.length, 0)
    if (group.length > 1) sequences.set(key, { values: new Float64Array(length), count: 0 })
  }
  const parts = templates.map(({ columns }) =>
    columns.flatMap(({ values, key }) => {
      const to = sequences.get(key)
      return to === undefined ? [] : [{ values: values!, to }]
    }),
  )
  for (let line = 0; line < count; line++) {
    const some = parts[of[line]!]!
    for (let i = 0; i < some.length; i++) {
      const { values, to } = some[i]!
      to.values[to.count++] = values[nth[line]!]!
    }
  }
  return new Map([...sequences].map(([key, { values }]) => [key, values]))
}
