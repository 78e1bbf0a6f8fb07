import { fileNameOf } from '../fixture/recording-path.js'
import type { TaskLike } from './task.js'

interface Node {
  readonly type: string
  readonly id: string
  readonly tasks?: readonly Node[]
}

/** The names of a test's suites and its own. */
export function namesOf(task: TaskLike): string[] {
  const names = [task.name]
  for (let suite = task.suite; suite; suite = suite.suite) if (suite.name !== '') names.unshift(suite.name)
  return names
}

const known = new WeakMap<object, ReadonlyMap<string, string>>()

/**
 * What the recordings of a file's tests are called, by the tests' ids. Of tests of one name the second has `(2)` after it, the
 * third `(3)`; names that differ only in their letters' case are one, as they are where file systems do not distinguish them.
 */
export function recordingNames(file: object): ReadonlyMap<string, string> {
  const before = known.get(file)
  if (before) return before
  const names = new Map<string, string>()
  const times = new Map<string, number>()
  const visit = (task: Node): void => {
    if (task.type === 'test') {
      const name = fileNameOf(namesOf(task as unknown as TaskLike).join(' '))
      const folded = name.toLowerCase()
      const nth = (times.get(folded) ?? 0) + 1
      times.set(folded, nth)
      names.set(task.id, nth === 1 ? name : `${name} (${nth})`)
    }
    for (const child of task.tasks ?? []) visit(child)
  }
  visit(file as Node)
  known.set(file, names)
  return names
}
