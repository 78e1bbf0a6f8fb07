import { configOf } from './vitest.config.js'

/** What needs a quiet machine, a registry, many minutes, or a daemon that no package has: run by hand, by name. */
const BY_HAND = 'attach-detach drift-repairs drift-templates installed record-twice suite-ways suite-wire'
const byHand = [...BY_HAND.split(' ').map((name) => `test/slow/${name}.test.ts`), 'test/slow/mergerfs-rs/*.test.ts']

/** What tries more here than in `npm test`: see test/tries.ts. */
const MORE = [
  'cli/replay',
  'dialect/go-hostile',
  'dialect/libfuse-hostile',
  'dialect/tracing-hostile',
  'edit/dialects',
  'input/import-log',
  'operation/interpreter',
  'process/pipe-reader',
  'recording/file',
  'recording/packed',
  'redact/redactor',
  'relay/stream',
  'trace/golden',
  'wire/round-trip',
].map((path) => `test/${path}.test.ts`)

/**
 * What `npm test` has one case of: more file systems, more ways to fail, whole tables, more tries (`npm run test:slow`, minutes). CI runs all of it
 * but what is to be run by hand (`--project=ci`).
 */
export default configOf(
  [
    { name: 'ci', include: ['test/slow/*.test.ts', ...MORE], exclude: byHand, isolate: true },
    { name: 'by-hand', include: byHand, isolate: true },
  ],
  { FUSETRACE_TESTS: 'more' },
)
