import { waitsOnStarts } from './waits-on-starts.js'

// Those that log more: test/slow/starts-only.test.ts.
waitsOnStarts('no lookups either')
