import { openRecording } from '../recording/reader.js'
import { namesOf } from './recording-names.js'
import type { TaskLike } from './task.js'

interface Task {
  readonly type: string
  readonly mode?: string
  readonly tasks?: readonly Task[]
}

/** Tests of a file that an existing recording holds and that are not run now (`-t`, `.only`, `.skip`). */
export function leftOut(file: TaskLike['file'], recording: string): string[] {
  const skipped = new Set<string>()
  const visit = (task: Task): void => {
    if (task.type === 'test' && task.mode !== 'run') skipped.add(namesOf(task as unknown as TaskLike).join(' > '))
    for (const child of task.tasks ?? []) visit(child)
  }
  visit(file as unknown as Task)
  return skipped.size === 0 ? [] : stepsOf(recording).filter((name) => skipped.has(name))
}

function stepsOf(recording: string): string[] {
  try {
    const reader = openRecording(recording)
    try {
      return [...reader.rows({ kinds: ['mark'] })].flatMap((row) =>
        row.kind === 'mark' && row.edge === 'begin' ? [row.name] : [],
      )
    } finally {
      reader.close()
    }
  } catch {
    // There is none, or none that can be read: nothing is lost with it.
    return []
  }
}
