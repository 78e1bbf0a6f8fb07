import { waitsOnStarts } from './waits-on-starts.js'

// Between these two: test/slow/starts-only.test.ts.
waitsOnStarts('every request')
waitsOnStarts('no lookups either')
