import { afterEach, expect, test, vi } from 'vitest'
import { fired, interruption } from '../../src/cli/signals.js'

afterEach(() => {
  vi.restoreAllMocks()
})

test.each(['SIGHUP', 'SIGTERM', 'SIGINT'] as const)('the first %s ends in order, the second at once', async (name) => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  const before = process.listeners(name)
  const { signal, release } = interruption()
  const [ours] = process.listeners(name).filter((one) => !before.includes(one))
  ours?.(name)
  await fired(signal)
  expect(exit).not.toHaveBeenCalled()
  ours?.(name)
  expect(exit).toHaveBeenCalledWith(130)
  release()
  expect(process.listeners(name)).toEqual(before)
})

test('a reader that has gone, or a closed terminal, ends it too', async () => {
  const before = process.stdout.listeners('error')
  const { signal, release } = interruption()
  for (const one of process.stdout.listeners('error')) if (!before.includes(one)) one(new Error('EPIPE'))
  await fired(signal)
  expect(signal.aborted).toBe(true)
  release()
  expect(process.stdout.listeners('error')).toEqual(before)
})
