import { literalPattern } from '../literal-pattern.js'
import { namesOf } from './recording-names.js'
import { shellWord } from './shell-word.js'
import type { TaskLike } from './task.js'

/** The command that records a test, and no other, anew; with `shared` all tests of its file. */
export function recordCommandOf(task: TaskLike, shared: boolean): string {
  const { name: file, projectName } = task.file
  const words = [file]
  if (projectName) words.push('--project', projectName)
  // To vitest the name is a regular expression.
  const escaped = literalPattern(namesOf(task).join(' '))
  if (!shared) words.push('-t', `^${escaped}$`)
  return `FUSETRACE=record npx vitest run ${words.map(shellWord).join(' ')}`
}
