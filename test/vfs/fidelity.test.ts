import { asksWhatLinuxAsks } from './asks.js'

// The others are in test/slow/fidelity.test.ts.
asksWhatLinuxAsks((name) => name === 'bindfs')
