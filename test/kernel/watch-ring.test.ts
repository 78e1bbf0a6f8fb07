import { expect, test } from 'vitest'
import type { NativeFunctions } from '../../src/kernel/bpf-programs.js'
import { BPF_CREDIT, BpfPace, BpfSlot, watchRing } from '../../src/kernel/bpf-thread.js'

const PAGE = 64

/** Runs the thread's loop here. `act` is called whenever it says that there is something, until it returns false. */
function watch(pace: number, act: (ring: { came(bytes: number): void; quiet: boolean }) => boolean, kept = 0) {
  const memory = { state: new ArrayBuffer(PAGE), consumer: new ArrayBuffer(PAGE), producer: new ArrayBuffer(PAGE) }
  const [state, consumer, producer] = [1n, 2n, 3n]
  const at: Record<string, ArrayBuffer> = { 1: memory.state, 2: memory.consumer, 3: memory.producer }
  const [ours, kernels] = [new BigInt64Array(memory.consumer), new BigInt64Array(memory.producer)]
  const shared = new Int32Array(new SharedArrayBuffer(4 * BpfSlot.size))
  shared[BpfSlot.pace] = pace
  shared[BpfSlot.credit] = BPF_CREDIT
  shared[BpfSlot.kept] = kept
  const came = (bytes: number): void => {
    kernels[0] = (kernels[0] ?? 0n) + BigInt(bytes)
  }
  let [polls, says] = [0, 0]
  const native = {
    view: (address: bigint) => at[String(address)] as ArrayBuffer,
    /** An answer comes while it sleeps. */
    poll() {
      polls++
      came(200)
      return 1
    },
  } as unknown as NativeFunctions
  const data = { shared, slot: BpfSlot, pace: BpfPace, ringBytes: 1 << 20, credit: BPF_CREDIT }
  watchRing(native, { state, consumer, producer, pageBytes: PAGE, ring: 3, unmap: () => undefined }, data, (quiet) => {
    says++
    ours[0] = kernels[0] ?? 0n
    Atomics.add(shared, BpfSlot.emptied, 1)
    if (!act({ came, quiet })) Atomics.store(shared, BpfSlot.stop, 1)
  })
  return { polls, says }
}

test('each answer is reported by itself, until so many have come that somebody is busy', () => {
  let left = BPF_CREDIT + 5
  const { polls, says } = watch(BpfPace['at-once'], ({ came }) => {
    // From here on more comes than is little, also while nobody is woken.
    if (left <= 6) came(1 << 16)
    return --left > 0
  })
  expect(says).toBe(BPF_CREDIT + 5)
  expect(polls).toBe(BPF_CREDIT)
})

test('what was left for later is reported when little comes', () => {
  const seen: boolean[] = []
  watch(BpfPace.later, ({ quiet }) => seen.push(quiet) < 1, 1)
  expect(seen).toEqual([true])
})
