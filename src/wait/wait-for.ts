/** Placeholder until the waits are in. */
export interface WaitFor {
  readonly pending: number
}
