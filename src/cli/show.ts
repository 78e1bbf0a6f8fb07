import type { Command } from 'commander'
import { FusetraceError } from '../errors.js'
import { decode, printable } from '../line/text.js'
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { FILTER_HELP, type FilterOptions, operationFilter } from '../report/filter.js'
import { duration, offset, outcome, type Paint, painter, subject } from '../report/format.js'
import { readSteps } from '../report/steps.js'
import { timeline } from '../report/timeline.js'
import { json, Output } from './output.js'

interface ShowOptions extends FilterOptions {
  lines?: boolean
  operations?: boolean
  steps?: boolean
  json?: boolean
  since?: string
  limit?: string
}

/** `fusetrace show`: a recording for people, or as JSON. */
export function registerShow(program: Command): void {
  program
    .command('show')
    .description(
      'what happened: operations under their steps (default), only operations, steps, or the lines as logged',
    )
    .argument('<file>', 'the recording; - is stdin')
    .option('--lines', 'the log lines with their times and streams')
    .option('--operations', 'the operations alone, without steps')
    .option('--steps', 'the steps, with how many operations each had')
    .option('--json', 'one JSON object a line')
    .option('--since <when>', 'from here on: a step, or a time (1.5s, 200ms, 1000us)')
    .option('--opcode <names>', FILTER_HELP.opcode)
    .option('--path <glob>', FILTER_HELP.path)
    .option('--pid <pid>', FILTER_HELP.pid)
    .option('--errno <names>', FILTER_HELP.errno)
    .option('--limit <count>', 'no more than so many')
    .addHelpText(
      'after',
      `
An outcome with ~ has an end that was inferred: the log does not show it.

Examples:
  fusetrace show run.fusetrace
  fusetrace show run.fusetrace --since rename --opcode rename,unlink
  fusetrace show run.fusetrace --operations --json | jq 'select(.errno)'`,
    )
    .action(async (file: string, options: ShowOptions) => {
      const modes = [options.lines, options.operations, options.steps].filter(Boolean).length
      if (modes > 1)
        throw new FusetraceError('FT_USAGE', '--lines, --operations and --steps exclude each other', {
          hint: 'give one',
        })
      const reader = openRecording(file)
      const out = new Output()
      try {
        if (options.lines) await showLines(reader, options, out)
        else if (options.steps) await showSteps(reader, options, out)
        else await showOperations(reader, options, out)
      } finally {
        await out.end()
        reader.close()
      }
      if (!reader.complete) process.stderr.write(`fusetrace: ${file} is incomplete: ${reader.problem}\n`)
    })
}

function limitOf(options: ShowOptions): number {
  if (options.limit === undefined) return Number.POSITIVE_INFINITY
  const limit = Number(options.limit)
  if (Number.isSafeInteger(limit) && limit >= 0) return limit
  throw new FusetraceError('FT_USAGE', `--limit ${options.limit} is not a count`)
}

/** A time as text; null when it is none, and so a step's name. */
function timeOf(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s)?$/.exec(text)
  if (!match) return null
  const unit = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }[match[2] ?? 's'] ?? 1
  return Math.round(Number(match[1]) * unit)
}

/** From when on to show. A step's name wins over a time. */
function sinceOf(reader: RecordingReader, since: string | undefined): number {
  if (since === undefined) return Number.NEGATIVE_INFINITY
  const steps = reader.bytes > 0 ? readSteps(reader) : []
  const step = steps.find(({ name }) => name === since)
  if (step) return step.beginNs
  const time = timeOf(since)
  if (time !== null) return time
  const known = [...new Set(steps.map(({ name }) => printable(name)))].slice(0, 8).join(', ')
  throw new FusetraceError('FT_USAGE', `--since ${since} is neither a time nor a step of this recording`, {
    hint: known === '' ? 'it has no steps; give a time as 1.5s or 200ms' : `its steps: ${known}`,
  })
}

async function showLines(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const since = sinceOf(reader, options.since)
  let left = limitOf(options)
  let index = -1
  for (const row of reader.rows({ kinds: ['line'] })) {
    if (row.kind !== 'line') continue
    index++
    if (row.atNs < since) continue
    if (left-- <= 0) break
    const { text, bytes } = decode(row.raw)
    if (options.json) {
      const { atNs, stream, terminated } = row
      await out.line(json({ index, atNs, stream, text, ...(bytes !== null && { bytes }), terminated }))
    } else await out.line(`${offset(row.atNs)}  ${row.stream.padEnd(6)}  ${printable(text)}`)
  }
}

async function showSteps(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const paint = painter(process.stdout)
  for (const step of readSteps(reader)) {
    const { name, depth, beginNs, endNs, operations } = step
    if (options.json) {
      await out.line(json({ name, depth, beginNs, endNs, operations }))
      continue
    }
    const took = endNs === null ? 'not ended' : duration(endNs - beginNs)
    await out.line(
      `${offset(beginNs)}  ${took.padStart(9)}  ${String(operations).padStart(6)} operations  ${'  '.repeat(depth)}${paint('bold', printable(name))}`,
    )
  }
}

async function showOperations(reader: RecordingReader, options: ShowOptions, out: Output): Promise<void> {
  const passes = operationFilter(options)
  const since = sinceOf(reader, options.since)
  let left = limitOf(options)
  const paint = painter(process.stdout)
  if (!options.json) await out.line(paint('dim', '       time   duration  opcode        outcome       path'))
  const withSteps = !options.json && !options.operations
  for (const item of timeline(reader, { steps: withSteps })) {
    if (item.kind === 'step') {
      if (item.atNs >= since)
        await out.line(paint('bold', `${offset(item.atNs)}  ${'  '.repeat(item.depth)}▸ ${printable(item.name)}`))
      continue
    }
    const { operation } = item
    if (operation.startNs < since || !passes(operation)) continue
    if (left-- <= 0) break
    await out.line(options.json ? json(toJson(operation)) : operationLine(operation, paint))
  }
}

/** An operation as a line of the table. */
export function operationLine(operation: Operation, paint: Paint): string {
  const { startNs, endNs, opcode, status } = operation
  const took = endNs === null ? '' : duration(endNs - startNs)
  const end = outcome(operation).padEnd(12)
  const coloured = status === 'error' ? paint('red', end) : status === 'ok' ? paint('green', end) : paint('dim', end)
  return `${offset(startNs)}  ${took.padStart(9)}  ${opcode.padEnd(12)}  ${coloured}  ${subject(operation)}`
}
