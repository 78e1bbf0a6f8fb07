/** A timer that can be taken back. */
export interface Timer {
  cancel(): void
}

/**
 * The only way in which anything below the command line reads time.
 * Times are integer nanoseconds since the clock's origin (for a live run the recording's origin).
 */
export interface Clock {
  readonly kind: 'system' | 'virtual'
  /** Nanoseconds since the origin. */
  nowNs(): number
  /** Calls `fn` once, at `atNs` or as soon after as can be. */
  at(atNs: number, fn: () => void): Timer
}
