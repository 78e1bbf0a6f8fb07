import type { Clock } from './clock.js'

/** Nanoseconds of a millisecond. */
export const MS = 1_000_000

/** Resolves once `forNs` have passed on the clock. */
export function sleep(clock: Clock, forNs: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.nowNs() + forNs, resolve))
}

/** What `within` and `until` answer when the time is up. */
export const LATE: unique symbol = Symbol('late')

/** The promise's value, or `LATE` after `forNs`. The promise is not stopped; it is only not waited for any longer. */
export async function within<T>(clock: Clock, forNs: number, promise: Promise<T>): Promise<T | typeof LATE> {
  const { promise: late, cancel } = deadline(clock, forNs)
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}

/** Asks again every `everyNs` until the answer is not null, or `LATE` after `forNs`. Always asks at least once. */
export async function until<T>(
  clock: Clock,
  { forNs, everyNs }: { forNs: number; everyNs: number },
  ask: () => T | null | Promise<T | null>,
): Promise<T | typeof LATE> {
  const endNs = clock.nowNs() + forNs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (clock.nowNs() >= endNs) return LATE
    await sleep(clock, everyNs)
  }
}

function deadline(clock: Clock, forNs: number): { promise: Promise<typeof LATE>; cancel(): void } {
  let cancel = (): void => undefined
  const promise = new Promise<typeof LATE>((resolve) => {
    const timer = clock.at(clock.nowNs() + forNs, () => resolve(LATE))
    cancel = () => timer.cancel()
  })
  return { promise, cancel }
}
