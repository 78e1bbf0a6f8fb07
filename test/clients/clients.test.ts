import { clientsOn } from './suite.js'

// A test that fails is in test/slow/clients.test.ts.
clientsOn('bindfs', { fails: false })
