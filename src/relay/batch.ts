import type { Fate, FiredFault, PassedMessage } from '../faults/message-relay.js'

const KINDS = ['request', 'reply', 'notification', 'fired', 'note'] as const
const FATES: readonly Fate[] = ['passed', 'made', 'lost', 'late', 'refused']
/** kind (u8) · fate (u8) · nothing (u16) · length (u32) · time (f64) */
const HEAD_BYTES = 16

/** Something else that a relay reports. */
export type RelayNote =
  /** The connection is over: unmounted, aborted, or the daemon has closed its end. */
  | { readonly note: 'ended'; readonly by: 'kernel' | 'daemon' | 'failure'; readonly why: string }
  /** Messages that were passed on, but had to be left out here. */
  | { readonly note: 'lost'; readonly count: number }
  /** To be sent to the daemon. */
  | { readonly note: 'signal'; readonly signal: string }

export type BatchedEvent =
  | PassedMessage
  | FiredFault
  | { readonly kind: 'note'; readonly atNs: number; readonly note: RelayNote }

/** Collects what a relay reports, in one piece of memory, so that it can be handed to another thread at once. */
export class BatchWriter {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  add(event: BatchedEvent): void {
    if ('bytes' in event) {
      const fate = event.kind === 'request' ? 0 : FATES.indexOf(event.fate)
      this.#put(KINDS.indexOf(event.kind), fate, event.atNs, event.bytes)
    } else {
      this.#put(KINDS.indexOf(event.kind), 0, event.atNs, Buffer.from(JSON.stringify(event)))
    }
  }

  /** What has been collected; a new collection begins. The memory is the caller's. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#bytes.buffer as ArrayBuffer, 0, this.#length).slice()
    this.#length = 0
    // What a large message has made large is let go.
    if (this.#bytes.length > 4 * 1024 * 1024) this.#grow(64 * 1024)
    return taken
  }

  #put(kind: number, fate: number, atNs: number, bytes: Buffer): void {
    const at = this.#length
    const end = at + HEAD_BYTES + bytes.length
    if (end > this.#bytes.length) this.#grow(Math.max(end, this.#bytes.length * 2))
    this.#view.setUint8(at, kind)
    this.#view.setUint8(at + 1, fate)
    this.#view.setUint32(at + 4, bytes.length)
    this.#view.setFloat64(at + 8, atNs)
    bytes.copy(this.#bytes, at + HEAD_BYTES)
    this.#length = end
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(size)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** What was collected, in its order. Messages are views into it. */
export function* readBatch(batch: Uint8Array): Generator<BatchedEvent> {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength)
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  for (let at = 0; at < bytes.length; ) {
    const kind = KINDS[view.getUint8(at)]
    const fate = FATES[view.getUint8(at + 1)] ?? 'passed'
    const length = view.getUint32(at + 4)
    const atNs = view.getFloat64(at + 8)
    const content = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length)
    at += HEAD_BYTES + length
    if (kind === 'request') yield { kind, atNs, bytes: content }
    else if (kind === 'reply' || kind === 'notification') yield { kind, atNs, bytes: content, fate }
    else yield JSON.parse(content.toString()) as BatchedEvent
  }
}
