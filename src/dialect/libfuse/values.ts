import { type EventValues, noValues } from '../core/event.js'
import { isDigit } from '../text/text.js'
import { numberOf } from '../text/values.js'
import type { Head } from './words.js'

type Name = 'size' | 'offset' | 'mode' | 'flags'

const FLAGS = /^flags: (0x[0-9a-f]{1,8})(?= |$)/
/** What stands behind a first word, and what its numbers are. */
interface Form {
  readonly form: RegExp
  readonly names: readonly Name[]
}

const FORMS: ReadonlyMap<string, Form> = new Map(
  Object.entries<Form>({
    read: {
      form: /^(\d{1,12}) bytes from (\d{1,20}) flags: (0x[0-9a-f]{1,8})$/,
      names: ['size', 'offset', 'flags'],
    },
    write: { form: /^(\d{1,12}) bytes to (\d{1,20}) flags: (0x[0-9a-f]{1,8})$/, names: ['size', 'offset', 'flags'] },
    open: { form: FLAGS, names: ['flags'] },
    opendir: { form: FLAGS, names: ['flags'] },
    release: { form: FLAGS, names: ['flags'] },
    create: {
      form: /^flags: (0x[0-9a-f]{1,8}) .* 0([0-7]{1,7}) umask=0[0-7]{1,4}$/s,
      names: ['flags', 'mode'],
    },
    mkdir: { form: / 0([0-7]{1,7}) umask=0[0-7]{1,4}$/, names: ['mode'] },
    mknod: { form: / 0([0-7]{1,7}) 0x[0-9a-f]{1,16} umask=0[0-7]{1,4}$/, names: ['mode'] },
    chmod: { form: / ([0-7]{1,8})$/, names: ['mode'] },
    truncate: { form: / (\d{1,20})$/, names: ['size'] },
    fsync: { form: /^datasync/, names: [] },
  }),
)

/** Requests whose lines hold some. */
const VALUED: ReadonlySet<string> = new Set(
  'read write open opendir release create mkdir mknod setattr fsync'.split(' '),
)
export const hasNumbers = (opcode: string): boolean => VALUED.has(opcode)

/** The numbers in a line of libfuse's high level: sizes, offsets, modes, flags, and the handle in its brackets. */
export function wordValues({ word, handle, rest }: Head): EventValues | undefined {
  const of = FORMS.get(word)
  if (of === undefined || rest.length > 4600) return undefined
  // No file, or a number that is none of an open file's.
  if (handle !== null && !isDigit(handle.charCodeAt(0))) return undefined
  const found = of.form.exec(rest)
  if (found === null && handle === null) return undefined
  const values = noValues()
  for (let i = 0; found !== null && i < of.names.length; i++) {
    const [name, text] = [of.names[i], found[i + 1]]
    if (name === undefined || text === undefined) continue
    if (name === 'mode') values.mode = Number.parseInt(text, 8)
    else if (name === 'flags') values.flags = Number(text)
    else values[name] = numberOf(text)
  }
  if (handle !== null) values.fh = numberOf(handle)
  return values
}
