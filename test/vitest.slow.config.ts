import { configOf } from './vitest.config.js'

/** The big tables, minutes each: `npm run test:slow`. CI runs some of them after the others. */
export default configOf({ only: ['test/slow/**/*.test.ts'], exclude: [] })
