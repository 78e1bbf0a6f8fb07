import { literalPattern } from '../literal-pattern.js'

/** A path below the mountpoint, with `*` for anything in a name and `**` for anything, as a pattern for whole paths. */
export function pathPattern(path: string): RegExp {
  const absolute = path.startsWith('/') ? path : `/${path}`
  const pattern = absolute
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : literalPattern(part)))
    .join('')
  return new RegExp(`^${pattern}$`, 's')
}
