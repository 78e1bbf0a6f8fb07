/** Kinds of which a recording may hold several; in short stand-ins they are called by their first letters. */
export const NUMBERED: readonly string[] = ['token', 'secret', 'key', 'redacted']

/** A stand-in, also one that was filled up to a length. */
export const STAND_IN: RegExp = /\{([A-Za-z]\w{0,63}?)~*\}/g

/**
 * A stand-in of a length: `{token1~~~~}`, `{t1}` where there is no room for more.
 *
 * @param name without braces
 * @param length bytes
 */
export function filled(name: string, length: number): string {
  const room = length - 2
  const short = name.replace(/^([a-z])[a-z]*(?=\d*$)/, '$1')
  const fits = [name, short].find((each) => each.length <= room)
  return fits === undefined ? '~'.repeat(length) : `{${fits.padEnd(room, '~')}}`
}

/** The whole name of a stand-in, in short or not. */
export function wholeName(name: string): string {
  const [, letter, number] = /^([a-z])(\d+)$/.exec(name) ?? []
  const kind = NUMBERED.find((each) => each[0] === letter)
  return kind === undefined ? name : `${kind}${number}`
}
