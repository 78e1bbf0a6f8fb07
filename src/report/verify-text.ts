import type { Distances } from '../kernel/distance.js'
import type { Counts, Disagreement, Verification } from '../kernel/verify.js'
import { printable } from '../line/text.js'

/** A verification as a person reads it. */
export function verificationText(v: Verification, connection: number | null, notes: readonly string[]): string {
  const rows: [string, string][] = [
    ['kernel requests', `${v.kernelRequests}${connection === null ? '' : ` of connection ${connection}`}`],
    ['operations', `${v.operations}, joined by ${v.joinedBy === 'unique' ? 'their ids' : 'opcode, order and time'}`],
    ['matched', String(v.matched)],
    ['missing', counts(v.missing) || '0'],
    v.kernelLost > 0
      ? ['not explained', `${v.phantom}: the kernel’s events are not whole`]
      : ['phantom', String(v.phantom)],
    ['opcode', share(v.opcode)],
    ['errno', v.errno.compared === 0 ? 'the log tells no outcome' : share(v.errno)],
    ...(v.path.compared > 0 ? [['path', share(v.path)] as [string, string]] : []),
    ...(v.size.compared > 0 ? [['size, offset', share(v.size)] as [string, string]] : []),
    ['start', times(v.startNs, v.clocks)],
    ['end', times(v.endNs, v.clocks)],
  ]
  const never = counts(v.notShown)
  if (never !== '') rows.push(['not in the log', never])
  if (v.aborted > 0) rows.push(['never answered', `${v.aborted} more`])
  if (v.untraced > 0) rows.push(['no kernel event', `${v.untraced} by nature (FORGET and the like)`])
  if (v.outside > 0) rows.push(['outside the trace', String(v.outside)])
  if (v.kernelLost > 0) rows.push(['lost by the trace', `${v.kernelLost} events`])
  for (const note of notes) rows.push(['note', note])
  const wide = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, value]) => `${name.padEnd(wide)}  ${printable(value)}`)
  lines.push(
    ...(v.kernelLost > 0 ? [] : examples('phantom', v.phantoms)),
    ...examples('opcode', v.opcode.examples),
    ...examples('errno', v.errno.examples),
    ...examples('path', v.path.examples),
    ...examples('size', v.size.examples),
    verdict(v),
  )
  return `${lines.join('\n')}\n`
}

function verdict(v: Verification): string {
  if (!v.agrees) return 'DISAGREES'
  if (v.verdict === 'cannot tell')
    return `cannot tell: nothing disagrees, but the trace lost ${v.kernelLost} events, and what they would have said is not known`
  return v.operations === 0
    ? 'nothing to compare: the log tells of no operation'
    : 'agrees: what the log tells, the kernel confirms'
}

const sum = (of: Counts): number => Object.values(of).reduce((a, b) => a + b, 0)

function counts(of: Counts): string {
  const total = sum(of)
  if (total === 0) return ''
  const parts = Object.entries(of).map(([opcode, count]) => `${opcode} ${count}`)
  return `${total}: ${parts.join(', ')}`
}

function share({ compared, agreeing }: { compared: number; agreeing: number }): string {
  return compared === 0 ? 'nothing to compare' : `${agreeing} of ${compared} agree`
}

function times(of: Distances, clocks: Verification['clocks']): string {
  if (clocks === 'different') return 'log and trace are of different clocks: not compared'
  if (of.count === 0) return 'nothing to compare'
  const us = (ns: number | null): string => `${((ns ?? 0) / 1000).toFixed(1)} µs`
  return `log minus kernel: min ${us(of.min)}, median ${us(of.median)}, p99 ${us(of.p99)}, max ${us(of.max)}`
}

function examples(what: string, list: readonly Disagreement[]): string[] {
  return list.slice(0, 10).map(({ id, unique, startNs, log, kernel }) => {
    const where = `operation ${id}${unique === null ? '' : ` (unique ${unique})`} at ${(startNs / 1e9).toFixed(6)} s`
    return printable(`  ${what}: ${where}: ${log}${kernel === '' ? '' : `, kernel ${kernel}`}`)
  })
}
