import { accessSync, constants } from 'node:fs'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

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

/** Tests that are run in one way. */
export interface Tests {
  name: string
  include: string[]
  exclude?: string[]
  /** Each file in a process of its own; otherwise files share what they import, which is most of what a small one costs. */
  isolate?: boolean
}

/** What begins many processes: a process begins as a copy of ours, which takes the longer the more ours holds by then. */
const PROCESSES = /\/test\/(?:live|relay|contract|drive|vfs|serve|clients|cli|suite|vitest|drift|schedule)\//

/** Files that have a process of their own come first, then those that begin many, the rest as vitest has it. */
class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number =>
      project.config.isolate ? 0 : PROCESSES.test(moduleId) ? 1 : 2
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** The configuration of a run of tests. */
export function configOf(projects: readonly Tests[], env: Record<string, string> = {}): ViteUserConfig {
  return defineConfig({
    root,
    test: {
      projects: projects.map(({ name, include, exclude = [], isolate = false }) => ({
        extends: true,
        test: { name, include, exclude: [...exclude, '**/node_modules/**'], isolate },
      })),
      sequence: { sequencer: ProcessesFirst },
      // What was transformed outlives the run, where whoever runs this may write it.
      experimental: { fsModuleCache: writable },
      // What one test sets for itself is not there for the next.
      unstubEnvs: true,
      restoreMocks: true,
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

/** What is about processes, threads and pipes that outlive their use and serve the next, counts its own, or has modules replaced. */
const ALONE = [
  'test/fixture/warm-up.test.ts',
  'test/mount/leftovers.test.ts',
  'test/mount/prober.test.ts',
  'test/mount/readiness.test.ts',
  'test/mount/stat-pool.test.ts',
  'test/mount/xattr.test.ts',
  'test/process/daemon.test.ts',
  'test/process/journal.test.ts',
  'test/process/pipe-reader.test.ts',
  'test/process/served.test.ts',
  'test/recording/threaded-packing.test.ts',
  'test/relay/thread-failure.test.ts',
  'test/relay/thread.test.ts',
]

export default configOf([
  { name: 'shared', include: ['test/**/*.test.ts'], exclude: ['test/slow/**', ...ALONE] },
  { name: 'alone', include: ALONE, isolate: true },
])
