/** `a.txt` → `/a.txt`, `/d/` → `/d`. */
export function normalPath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path.startsWith('./') ? path.slice(2) : path}`
  return rooted.length > 1 && rooted.endsWith('/') ? rooted.slice(0, -1) : rooted
}

/** A test for paths below a mountpoint: of one path, however it is written, or of a glob. */
export function pathTest(pattern: string): (path: string) => boolean {
  const normal = normalPath(pattern)
  const fits = isGlob(normal) ? globTest(normal) : null
  return (path) => path === normal || fits?.(path) === true
}

/** Whether a path stands for several. A name that holds these characters still matches itself. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path)
}

/** A piece of a glob: a character, a set of them, any but a slash, or any number of characters. */
type Piece =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean }
  | { readonly kind: 'star' | 'across' | 'directories' }

/**
 * A test for whole paths: `*` within a name, `**` across, with a slash behind it for no directory too, `?`, `[ab]`, `[!a-z]`. Whatever the
 * glob is, a path takes time by its length times that of the glob.
 *
 * @example globTest('/d/*.txt')('/d/a.txt') // true
 */
export function globTest(glob: string): (path: string) => boolean {
  let pieces: readonly Piece[] | null = null
  const prefix = /^[^*?[]*/.exec(glob)?.[0] ?? ''
  let [reached, next] = [new Uint8Array(256), new Uint8Array(256)]
  return (path) => {
    if (!path.startsWith(prefix)) return false
    pieces ??= piecesOf(glob)
    const { length } = path
    if (length >= reached.length) [reached, next] = [new Uint8Array(length * 2), new Uint8Array(length * 2)]
    // reached[i]: the pieces so far match the first i characters of the path.
    reached.fill(0, 0, length + 1)
    reached[0] = 1
    for (const piece of pieces) {
      step(piece, path, reached, next)
      ;[reached, next] = [next, reached]
    }
    return reached[length] === 1
  }
}

function step(piece: Piece, path: string, reached: Uint8Array, next: Uint8Array): void {
  const { length } = path
  if (piece.kind === 'one') {
    next[0] = 0
    for (let i = 0; i < length; i++) next[i + 1] = reached[i] === 1 && piece.fits(path.charAt(i)) ? 1 : 0
    return
  }
  let on = 0
  for (let i = 0; i <= length; i++) {
    const slash = i > 0 && path.charCodeAt(i - 1) === 47
    if (slash && piece.kind === 'star') on = 0
    const here = reached[i] as number
    on |= here
    next[i] = piece.kind === 'directories' ? here | (slash ? on : 0) : on
  }
}

function piecesOf(glob: string): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < glob.length; ) {
    const c = glob.charAt(at)
    const stars = /^\*+/.exec(glob.slice(at))?.[0].length ?? 0
    const close = c === '[' ? glob.indexOf(']', at + 2) : -1
    if (stars > 0) {
      at += stars
      const directories = stars > 1 && glob.charAt(at) === '/'
      if (directories) at++
      pieces.push({ kind: directories ? 'directories' : stars > 1 ? 'across' : 'star' })
    } else if (close > 0) {
      pieces.push({ kind: 'one', fits: setOf(glob.slice(at + 1, close)) })
      at = close + 1
    } else {
      pieces.push({ kind: 'one', fits: c === '?' ? (other) => other !== '/' : (other) => other === c })
      at++
    }
  }
  return pieces
}

function setOf(set: string): (character: string) => boolean {
  const not = set.startsWith('!') || set.startsWith('^')
  return (c) => {
    for (let i = not ? 1 : 0; i < set.length; i++) {
      const from = set.charAt(i)
      const to = set[i + 1] === '-' && i + 2 < set.length ? set.charAt(i + 2) : from
      if (c >= from && c <= to) return !not
      if (to !== from) i += 2
    }
    return not && c !== '/'
  }
}
