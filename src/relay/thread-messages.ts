import type { MessagePort } from 'node:worker_threads'
import type { FaultSpec } from '../faults/fault.js'

/** What the thread of a relay is started with. */
export interface RelayThreadData {
  readonly port: MessagePort
  /** CLOCK_MONOTONIC ns of offset 0. */
  readonly originNs: bigint
  /** `/dev/fuse`, mounted. The thread closes it. */
  readonly device: number
  /** Our end of the daemon's socket. The thread closes it. */
  readonly socket: number
  /** The longest message that it carries, bytes. */
  readonly room: number
  /** Readable when there is a command. */
  readonly wake: number
  readonly shared: Int32Array
  /** Bytes of batches that may wait to be taken; what comes then is counted only. */
  readonly limitBytes: number
  readonly faults: boolean
  readonly seed: number
}

/** To the thread. */
export type RelayCommand =
  | { readonly command: 'add'; readonly id: number; readonly spec: FaultSpec }
  | { readonly command: 'remove'; readonly id: number }
  /** Hand over what has been collected. */
  | { readonly command: 'flush' }
  /** Close both sides. */
  | { readonly command: 'end' }

/** Places in the memory that both threads share. */
export const Shared = {
  /** Commands that have been carried out. */
  done: 0,
  /** Bytes of batches that have been sent and not been taken. */
  waiting: 1,
  /** The daemon's process group, for signals; 0 while there is none. */
  daemon: 2,
  /** Batches sent. */
  sent: 3,
  /** 1 once the thread takes no more commands. */
  over: 4,
  /** 1 once the thread has closed the device; the daemon's socket. */
  deviceClosed: 5,
  socketClosed: 6,
  size: 7,
} as const
