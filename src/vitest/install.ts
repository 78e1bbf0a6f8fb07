import { expect } from 'vitest'
import { matchers, type TraceMatchers } from './matchers.js'
import { operationSerializer } from './serializer.js'

expect.extend(matchers)
expect.addSnapshotSerializer(operationSerializer() as Parameters<typeof expect.addSnapshotSerializer>[0])

declare global {
  namespace Chai {
    // What vitest's own Assertion is made of: its `Matchers` has other type parameters in vitest 4 than in vitest 5.
    interface Assertion extends TraceMatchers<void> {}
  }
}

export { matchers, type TraceMatchers }
