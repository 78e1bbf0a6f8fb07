import { liveContract } from './live-contract.js'

// Another daemon: test/slow/contract.test.ts.
liveContract('bindfs')
