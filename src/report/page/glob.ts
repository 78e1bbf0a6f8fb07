/** More characters are not looked at: a link may hold anything. */
const MAX_GLOB = 300

/** A path as the command line takes it: `*` within a name, `**` across, `?`, `[ab]`; without a slash in front it is below `/`. */
export function globTest(glob: string): (path: string) => boolean {
  // Several in a row mean the same as one, and take for ever to try.
  const short = glob
    .slice(0, MAX_GLOB)
    .replace(/(?:\*\*\/)+/g, '**/')
    .replace(/\*{3,}/g, '**')
  const rooted = short.startsWith('/') || short.startsWith('*') ? short : `/${short}`
  if (!/[*?[]/.test(rooted)) return (path) => path === rooted || path === rooted.replace(/\/$/, '')
  let source = ''
  for (let i = 0; i < rooted.length; i++) {
    const character = rooted.charAt(i)
    const set = character === '[' ? /^\[(!?)([^\]/]+)\]/.exec(rooted.slice(i)) : null
    if (rooted.startsWith('**/', i)) {
      source += '(?:.*/)?'
      i += 2
    } else if (rooted.startsWith('**', i)) {
      source += '.*'
      i++
    } else if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (set) {
      source += `[${set[1] ? '^' : ''}${(set[2] ?? '').replace(/[\\\]^]/g, '\\$&')}]`
      i += set[0].length - 1
    } else source += character.replace(/[\\^$.|+(){}[\]]/g, '\\$&')
  }
  try {
    const pattern = new RegExp(`^${source}$`, 's')
    return (path) => pattern.test(path)
  } catch {
    return () => false
  }
}
