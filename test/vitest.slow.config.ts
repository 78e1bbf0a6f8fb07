import { defineConfig, mergeConfig } from 'vitest/config'
import all from './vitest.config.js'

/** The big tables, minutes each: `npm run test:slow`. CI runs them after the others. */
const config = mergeConfig(all, defineConfig({ test: { passWithNoTests: true } }))
config.test.include = ['test/slow/**/*.test.ts']
config.test.exclude = ['**/node_modules/**']

export default config
