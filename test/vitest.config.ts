import { accessSync, constants } from 'node:fs'
import { defineConfig, type TestProjectConfiguration, type ViteUserConfig } from 'vitest/config'

/** Rooms whose tests run no processes and change nothing that is the process's: their files share what they import. */
const LOGIC = 'line dialect operation monitor wait explore redact wire trace schedule edit outcomes clock'
const logic = testsOf(LOGIC)

const root = new URL('..', import.meta.url).pathname
const writable = mayWrite(new URL('../node_modules', import.meta.url))

/** The tests of these rooms. */
export function testsOf(rooms: string): string[] {
  return rooms.split(' ').map((room) => `test/${room}/**/*.test.ts`)
}

function mayWrite(directory: URL): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

interface Choice {
  /** Only these, in place of all. */
  only?: string[]
  /** Those share what they import. */
  shared?: boolean
  /** Not these. */
  exclude?: string[]
  env?: Record<string, string>
}

/** The configuration of a run of some of the tests. */
export function configOf({ only, shared = false, exclude = ['test/slow/**'], env = {} }: Choice): ViteUserConfig {
  const without = [...exclude, '**/node_modules/**']
  const projects: TestProjectConfiguration[] = only
    ? [{ extends: true, test: { name: 'chosen', include: only, exclude: without, isolate: !shared } }]
    : [
        { extends: true, test: { name: 'logic', include: logic, exclude: without, isolate: false } },
        { extends: true, test: { name: 'system', include: ['test/**/*.test.ts'], exclude: [...without, ...logic] } },
      ]
  return defineConfig({
    root,
    test: {
      projects,
      // What was transformed outlives the run, where whoever runs this may write it.
      experimental: { fsModuleCache: writable },
      // Live mounts share two cores and one kernel; more workers only make them slower.
      maxWorkers: 2,
      // For what hangs: no verdict depends on how fast the machine is.
      testTimeout: 600_000,
      hookTimeout: 600_000,
      // On a machine that others use too a live mount may be disturbed; what fails twice more is no accident.
      retry: process.env.CI ? 2 : 0,
      env,
    },
  })
}

export default configOf({})
