import { defineConfig } from 'vitest/config'

/**
 * The tests that hold a room of src up, quick enough to be run for every mutant: no mounts, no child processes. `ROOM` chooses one;
 * see `test/mutation.js`.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  monitor: ['test/monitor/**/*.test.ts'],
  mount: ['test/mount/{mountinfo,readiness,unmount,prober}.test.ts'],
  recording: ['test/recording/**/*.test.ts'],
  replay: ['test/replay/**/*.test.ts'],
  wait: ['test/wait/**/*.test.ts'],
}

export default defineConfig({
  root: process.cwd(),
  test: {
    include: [...(ROOMS[process.env.ROOM ?? ''] ?? Object.values(ROOMS).flat())],
    maxWorkers: 1,
    // Which mutant lives is said at run time: modules need not be loaded anew for each.
    isolate: false,
  },
})
