import { FusetraceError } from '../errors.js'
import { decode, printable } from '../line/text.js'
import { measuredNs } from '../operation/duration.js'
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import { describeCall, describeProbe, outcomeOfCall } from '../recording/describe-call.js'
import type { RecordingReader } from '../recording/reader.js'
import type { CallRow } from '../recording/row.js'
import { operationFilter } from '../report/filter.js'
import { duration, offset, outcome, type Paint, painter, subject } from '../report/format.js'
import { Since } from '../report/since.js'
import { readSteps } from '../report/steps.js'
import { type TimelineItem, timeline } from '../report/timeline.js'
import { json, type Output } from './output.js'
import type { ShowOptions } from './show-options.js'

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
  let hidden = 0
  if (!options.json) await out.line(paint('dim', '       time   duration  opcode        outcome       path'))
  for (const item of timeline(reader)) {
    if (item.kind === 'operation') {
      const { operation } = item
      if (!since.passes(operation.startNs) || !passes(operation)) continue
      if (item.own && !options.all && !options.json) {
        hidden++
        continue
      }
      if (left-- <= 0) return
      await out.line(
        options.json ? json({ ...toJson(operation), ...(item.own && { own: true }) }) : timelineLine(item, paint),
      )
      continue
    }
    const { atNs } = item
    if (item.kind === 'step') since.step(item.name, atNs)
    if (alone || !since.passes(atNs)) continue
    if (item.kind === 'note' && item.own && !options.all) continue
    await out.line(timelineLine(item, paint))
  }
  since.end()
  if (hidden > 0)
    await out.line(paint('dim', `${hidden} requests of fusetrace itself (fences, probes) are not shown: --all`))
}

/** `show --calls`. */
export async function showCalls(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const since = new Since(options.since)
  let left = limitOf(options)
  const paint = painter(process.stdout)
  for (const row of reader.rows({ kinds: ['call', 'probe', 'mark'] })) {
    if (row.kind === 'mark') {
      if (row.edge === 'begin') since.step(row.name, row.atNs)
      continue
    }
    if (row.kind !== 'call' && row.kind !== 'probe') continue
    const atNs = row.kind === 'call' ? row.beginNs : row.atNs
    if (!since.passes(atNs) || (row.kind === 'probe' && !options.all && !options.json)) continue
    if (left-- <= 0) return
    if (options.json) await out.line(json(row))
    else if (row.kind === 'call') await out.line(callLine(row, paint))
    else await out.line(paint('dim', `${offset(atNs)}  ${printable(describeProbe(row))}`))
  }
  since.end()
}

/** What a timeline is made of, as a line of the table. */
export function timelineLine(item: TimelineItem, paint: Paint): string {
  if (item.kind === 'operation') return operationLine(item.operation, paint)
  if (item.kind === 'call') return callLine(item.call, paint)
  const begin = `${offset(item.atNs)}  ${'  '.repeat(item.depth)}`
  return item.kind === 'step'
    ? paint('bold', `${begin}▸ ${printable(item.name)}`)
    : paint('dim', `${begin}· ${printable(item.text)}`)
}

function callLine(call: CallRow, paint: Paint): string {
  const end = printable(outcomeOfCall(call)).padEnd(12)
  const took = duration(call.endNs - call.beginNs).padStart(9)
  const what = describeCall(call)
  return `${offset(call.beginNs)}  ${took}  ${'(call)'.padEnd(12)}  ${call.error ? paint('red', end) : end}  ${what}`
}

/** An operation, as a line of the table. */
export function operationLine(operation: Operation, paint: Paint): string {
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
