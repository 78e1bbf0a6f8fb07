import { closest } from './closest.js'
import { FusetraceError } from './errors.js'

/**
 * Refuses an object with a key that means nothing: it is a misspelt one, whose default would silently be taken.
 *
 * @param what the object is, as in `an option of openReplay`
 * @throws {FusetraceError} `FT_USAGE` with the key, and what was perhaps meant
 */
export function checkKeys(what: string, given: object | null | undefined, known: readonly string[]): void {
  for (const key of Object.keys(given ?? {})) {
    if (known.includes(key)) continue
    const near = closest(key, known)
    const said = JSON.stringify(key)
    throw new FusetraceError('FT_USAGE', `${said} is not ${what}${near[0] ? `: did you mean ${near[0]}?` : ''}`, {
      hint: `known are ${known.join(', ')}`,
    })
  }
}

/** The keys of a type, all of them: the compiler misses one that is left out. */
export const keysOf = <T>(keys: { readonly [K in keyof Required<T>]: true }): readonly string[] => Object.keys(keys)
