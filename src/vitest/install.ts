import { expect } from 'vitest'
import { matchers, type TraceMatchers } from './matchers.js'
import { operationSerializer } from './serializer.js'

expect.extend(matchers)
expect.addSnapshotSerializer(operationSerializer() as Parameters<typeof expect.addSnapshotSerializer>[0])

declare module 'vitest' {
  // The parameter has to have vitest's name and default.
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends TraceMatchers<T> {}
}

export { matchers, type TraceMatchers }
