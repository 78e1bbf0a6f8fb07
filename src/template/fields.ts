import { type Example, KIND } from './tokens.js'

/** A named value in a line: `name=a.txt`, `nodeid: 1`, `"fh":5`. */
export interface Field {
  name: string
  /** Which token is its name. */
  at: number
  /** False for a word within a sentence. */
  sure: boolean
}

/** The named values of a line, in order. */
export function fieldsOf({ keys, kinds }: Pick<Example, 'keys' | 'kinds'>): Field[] {
  const fields: Field[] = []
  for (let i = 0; i < keys.length; i++) {
    if (kinds[i] !== KIND.word) continue
    const sign = keys[i + 1]
    if (sign !== '=' && sign !== ':') continue
    const value = kinds[i + 2] === KIND.space ? i + 3 : i + 2
    const spaced = value === i + 3
    const kind = kinds[value]
    // `, opcode: LOOKUP`: a list of fields, whatever the value.
    const listed = kind === KIND.word && keys[i - 2] === ',' && kinds[i - 1] === KIND.space
    const quotedKey = keys[i]?.startsWith('"') === true
    if (sign === ':' && !quotedKey && (!spaced || (kind !== KIND.slot && kind !== KIND.quoted && !listed))) continue
    if (sign === '=' && spaced) continue
    fields.push({
      name: `${dotted(keys, kinds, i)}`.replaceAll('"', ''),
      at: i,
      sure: sign === '=' || !(kinds[i - 1] === KIND.space && kinds[i - 2] === KIND.word),
    })
  }
  return fields
}

/** `time.busy` is one name. */
function dotted(keys: readonly string[], kinds: readonly number[], i: number): string {
  let name = keys[i] ?? ''
  for (let k = i; keys[k - 1] === '.' && kinds[k - 2] === KIND.word; k -= 2) name = `${keys[k - 2]}.${name}`
  return name
}
