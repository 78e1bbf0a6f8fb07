import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/slow/**', '**/node_modules/**'],
    // Live mounts share two cores and one kernel; more workers only make them slower.
    maxWorkers: 2,
    // For what hangs: no verdict depends on how fast the machine is.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // On a machine that others use too a live mount may be disturbed; what fails twice more is no accident.
    retry: process.env.CI ? 2 : 0,
  },
})
