import { FusetraceError } from '../errors.js'
import { decode, printable } from '../line/text.js'
import { measuredNs } from '../operation/duration.js'
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import type { RecordingReader } from '../recording/reader.js'
import { operationFilter } from '../report/filter.js'
import { duration, offset, outcome, type Paint, painter, subject } from '../report/format.js'
import { Since } from '../report/since.js'
import { readSteps } from '../report/steps.js'
import { type TimelineItem, timeline } from '../report/timeline.js'
import { json, type Output } from './output.js'
import type { ShowOptions } from './show.js'

/** `show --lines`. */
export async function showLines(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const since = new Since(options.since)
  let left = limitOf(options)
  let index = -1
  for (const row of reader.rows({ kinds: ['line', 'mark'] })) {
    if (row.kind === 'mark' && row.edge === 'begin') since.step(row.name, row.atNs)
    if (row.kind !== 'line') continue
    index++
    if (!since.passes(row.atNs)) continue
    if (left-- <= 0) return
    const { atNs, stream, terminated } = row
    const { text, bytes } = decode(row.raw)
    if (options.json) {
      await out.line(json({ index, atNs, stream, text, ...(bytes !== null && { bytes }), terminated }))
    } else await out.line(`${offset(atNs)}  ${stream.padEnd(6)}  ${printable(text)}`)
  }
  since.end()
}

/** `show --steps`. */
export async function showSteps(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const since = new Since(options.since)
  let left = limitOf(options)
  const paint = painter(process.stdout)
  for (const step of readSteps(reader)) {
    const { name, depth, beginNs, endNs, operations, errors } = step
    since.step(name, beginNs)
    if (!since.passes(beginNs)) continue
    if (left-- <= 0) return
    if (options.json) {
      await out.line(json({ name, depth, beginNs, endNs, operations, errors }))
      continue
    }
    const took = endNs === null ? 'not ended' : duration(endNs - beginNs)
    const counts = `${String(operations).padStart(6)} operations  ${String(errors).padStart(4)} failed`
    await out.line(
      `${offset(beginNs)}  ${took.padStart(9)}  ${counts}  ${'  '.repeat(depth)}${paint('bold', printable(name))}`,
    )
  }
  since.end()
}

/** `show` and `show --operations`. */
export async function showOperations(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const passes = operationFilter(options)
  const since = new Since(options.since)
  let left = limitOf(options)
  const paint = painter(process.stdout)
  const alone = options.json === true || options.operations === true
  if (!options.json) await out.line(paint('dim', '       time   duration  opcode        outcome       path'))
  for (const item of timeline(reader)) {
    if (item.kind === 'operation') {
      const { operation } = item
      if (!since.passes(operation.startNs) || !passes(operation)) continue
      if (left-- <= 0) return
      await out.line(options.json ? json(toJson(operation)) : timelineLine(item, paint))
      continue
    }
    const { kind, atNs } = item
    if (kind === 'step') since.step(item.name, atNs)
    if (alone || !since.passes(atNs)) continue
    await out.line(timelineLine(item, paint))
  }
  since.end()
}

/** What a timeline is made of, as a line of the table. */
export function timelineLine(item: TimelineItem, paint: Paint): string {
  if (item.kind === 'operation') return operationLine(item.operation, paint)
  const begin = `${offset(item.atNs)}  ${'  '.repeat(item.depth)}`
  return item.kind === 'step'
    ? paint('bold', `${begin}▸ ${printable(item.name)}`)
    : paint('dim', `${begin}· ${printable(item.text)}`)
}

function operationLine(operation: Operation, paint: Paint): string {
  const { startNs, endNs, opcode, status } = operation
  const measured = measuredNs(operation)
  const took = measured !== null ? duration(measured) : endNs === null ? '' : '–'
  const end = outcome(operation).padEnd(12)
  const coloured = status === 'error' ? paint('red', end) : status === 'ok' ? paint('green', end) : paint('dim', end)
  return `${offset(startNs)}  ${took.padStart(9)}  ${printable(opcode).padEnd(12)}  ${coloured}  ${subject(operation)}`
}

function limitOf(options: ShowOptions): number {
  if (options.limit === undefined) return Number.POSITIVE_INFINITY
  const limit = Number(options.limit)
  if (options.limit !== '' && Number.isSafeInteger(limit) && limit >= 0) return limit
  throw new FusetraceError('FT_USAGE', `--limit ${options.limit} is not a count`, { hint: 'try --limit 20' })
}
