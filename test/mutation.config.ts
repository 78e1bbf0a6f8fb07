import { defineConfig } from 'vitest/config'

/** Tests that hold the pure rooms up, fast enough to be run for every mutant: no mounts, no child processes. */
export default defineConfig({
  root: process.cwd(),
  test: {
    include: [
      'test/{clock,line,monitor,recording,operation,replay,explore}/**/*.test.ts',
      'test/wait/**/*.test.ts',
      'test/contract/replay.test.ts',
    ],
    exclude: ['test/recording/file.test.ts'],
    maxWorkers: 1,
  },
})
