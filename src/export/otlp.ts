import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { printableJson } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { encodeHeader } from '../recording/header.js'
import { VERSION } from '../version.js'
import type { Counts, Exporter } from './exporter.js'
import type { Sink } from './sink.js'
import type { Exported, ExportedOperation } from './source.js'
import type { StepSpan } from './steps.js'
import type { TraceParent } from './traceparent.js'

/** Spans in one line, as a batch of an SDK has. */
const MAX_BATCH = 512
const KIND = { internal: 1, server: 2 } as const
const CODE = { ok: 1, error: 2 } as const

type Attribute = { key: string; value: Record<string, unknown> }
type Span = Record<string, unknown>

/**
 * OTLP in its JSON form, one `TracesData` a line, as a collector's otlpjsonfile receiver reads it. A trace a recording: its span,
 * the steps within it, the operations within their steps. Ids come from what is recorded, so that the same recording gives the same
 * spans.
 */
export class OtlpExporter implements Exporter {
  readonly #sink: Sink
  readonly #parent: TraceParent | null

  /** @param parent whose children the recordings' spans are, see `readTraceParent` */
  constructor(sink: Sink, parent: TraceParent | null) {
    this.#sink = sink
    this.#parent = parent
  }

  recording(recording: Exported): Counts {
    const spans = new Spans(recording, this.#parent)
    const resource = { attributes: resourceOf(recording) }
    let batch: Span[] = []
    const flush = (): void => {
      const scopeSpans = [{ scope: { name: 'fusetrace', version: VERSION }, spans: batch }]
      this.#sink.write(`${printableJson(JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }))}\n`)
      batch = []
    }
    const add = (span: Span): void => {
      batch.push(span)
      if (batch.length >= MAX_BATCH) flush()
    }
    const counts = { operations: 0, steps: recording.steps.length }
    add(spans.root())
    for (const step of recording.steps) add(spans.step(step))
    for (const item of recording.operations()) {
      counts.operations++
      add(spans.operation(item))
    }
    if (batch.length > 0) flush()
    return counts
  }

  end(): void {}
}

class Spans {
  readonly #recording: Exported
  readonly #parent: TraceParent | null
  readonly #digest: string
  readonly #traceId: string
  readonly #rootId: string
  readonly #originNs: bigint

  constructor(recording: Exported, parent: TraceParent | null) {
    this.#recording = recording
    this.#parent = parent
    const { header, endNs, steps } = recording
    this.#digest = hash(
      JSON.stringify([encodeHeader(header), endNs, steps.map(({ name, beginNs }) => [name, beginNs])]),
    )
    this.#traceId = parent?.traceId ?? this.#digest.slice(0, 32)
    this.#rootId = this.#id('recording')
    this.#originNs = header.originWallNs ?? 0n
  }

  root(): Span {
    const { header, endNs } = this.#recording
    return this.#span(this.#rootId, this.#parent?.spanId ?? null, {
      name: header.command?.[0] === undefined ? 'recording' : `recording of ${basename(header.command[0])}`,
      kind: KIND.internal,
      beginNs: 0,
      endNs,
      attributes: [text('fusetrace.dialect', header.dialect), integer('fusetrace.origin_ns', header.originNs)],
    })
  }

  step(step: StepSpan): Span {
    return this.#span(this.#stepId(step), this.#stepId(step.parent), {
      name: step.name || '(no name)',
      kind: KIND.internal,
      beginNs: step.beginNs,
      endNs: step.endNs ?? this.#recording.endNs,
      attributes: [text('fusetrace.kind', 'step'), ...(step.endNs === null ? [flag('fusetrace.unfinished')] : [])],
    })
  }

  operation({ operation, step, own }: ExportedOperation): Span {
    const { id, opcode, startNs, endNs, status, errno } = operation
    return this.#span(this.#id(`operation ${id}`), this.#stepId(step), {
      name: opcode,
      kind: KIND.server,
      beginNs: startNs,
      endNs: endNs ?? this.#recording.endNs,
      attributes: [...attributesOf(operation), ...(own ? [flag('fusetrace.own')] : [])],
      status:
        status === 'error' ? { code: CODE.error, message: errno ?? 'error' } : status === 'ok' ? { code: CODE.ok } : {},
    })
  }

  #span(
    spanId: string,
    parentSpanId: string | null,
    span: { name: string; kind: number; beginNs: number; endNs: number; attributes: Attribute[]; status?: object },
  ): Span {
    const { name, kind, beginNs, attributes, status } = span
    return {
      traceId: this.#traceId,
      spanId,
      ...(parentSpanId !== null && { parentSpanId }),
      ...(this.#parent !== null && { flags: this.#parent.flags }),
      name,
      kind,
      startTimeUnixNano: String(this.#originNs + BigInt(beginNs)),
      endTimeUnixNano: String(this.#originNs + BigInt(Math.max(beginNs, span.endNs))),
      attributes,
      ...(status && { status }),
    }
  }

  #stepId(step: StepSpan | null): string {
    return step === null ? this.#rootId : this.#id(`step ${step.index}`)
  }

  /** Of this recording, and of nothing else; never all zeros. */
  #id(what: string): string {
    const id = hash(`${this.#digest} ${what}`).slice(0, 16)
    return /^0+$/.test(id) ? '0000000000000001' : id
  }
}

function resourceOf({ header, file }: Exported): Attribute[] {
  const command = header.command?.[0]
  const known = header.originWallNs !== null
  return [
    text('service.name', command === undefined ? 'fuse-daemon' : basename(command)),
    text('fusetrace.recording', file),
    ...(header.daemonVersion === null ? [] : [text('service.version', header.daemonVersion)]),
    ...(header.command === null
      ? []
      : [{ key: 'process.command_args', value: { arrayValue: { values: header.command.map(stringValue) } } }]),
    ...(header.kernel === null ? [] : [text('os.type', 'linux'), text('os.version', header.kernel)]),
    ...(known ? [] : [flag('fusetrace.times_since_origin')]),
  ]
}

function attributesOf(operation: Operation): Attribute[] {
  const { unique, path, newPath, target, name, endedBy, errno, pid, status } = operation
  const numbers = ['size', 'offset', 'mode', 'flags', 'queueNs'] as const
  // Beyond 63 bits there is no integer in OTLP.
  const ids = ['nodeId', 'fh'] as const
  return [
    text('fuse.opcode', operation.opcode),
    text('fuse.outcome', errno ?? status),
    ...(status === 'error' ? [text('error.type', errno ?? '_OTHER')] : []),
    ...(unique === null ? [] : [integer('fuse.unique', unique)]),
    ...(path === null ? [] : [text('file.path', path)]),
    ...(newPath === null ? [] : [text('fuse.new_path', newPath)]),
    ...(target == null ? [] : [text('fuse.target', target)]),
    ...(name === null ? [] : [text('fuse.xattr', name)]),
    ...(pid === null ? [] : [integer('process.pid', pid)]),
    ...(endedBy === null ? [flag('fusetrace.unfinished')] : [text('fusetrace.ended_by', endedBy)]),
    ...numbers.flatMap((key) => (operation[key] === undefined ? [] : [number(`fuse.${snake(key)}`, operation[key])])),
    ...ids.flatMap((key) => (operation[key] === undefined ? [] : [text(`fuse.${snake(key)}`, String(operation[key]))])),
  ]
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const hash = (given: string): string => createHash('sha256').update(given).digest('hex')
const stringValue = (value: string): Record<string, unknown> => ({ stringValue: value })
const text = (key: string, value: string): Attribute => ({ key, value: stringValue(value) })
const integer = (key: string, value: number | bigint): Attribute => ({ key, value: { intValue: String(value) } })
const flag = (key: string): Attribute => ({ key, value: { boolValue: true } })
/** A number that a log may give beyond what an integer of OTLP holds. */
const number = (key: string, value: number | string): Attribute =>
  typeof value === 'number' || BigInt(value) < 2n ** 63n
    ? { key, value: { intValue: String(value) } }
    : text(key, value)
