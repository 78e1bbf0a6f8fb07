import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Line, Stream } from '../../src/line/line.js'
import { madeLog } from './made.js'

/** The lines of a committed capture, or of a made log: see made.ts. */
export function captured(name: string): Line[] {
  const made = madeLog(name)
  if (made !== null) return made
  const file = new URL(`../captures/${name}/log.tsv.gz`, import.meta.url)
  return gunzipSync(readFileSync(file))
    .toString('latin1')
    .split('\n')
    .filter((text) => text !== '')
    .map((text, index) => {
      const first = text.indexOf('\t')
      const second = text.indexOf('\t', first + 1)
      const stream = text.slice(first + 1, second) as Stream
      return { index, atNs: index * 1000, stream, raw: text.slice(second + 1), terminated: true }
    })
}

/** Lines numbered anew. */
export const numbered = (lines: readonly Omit<Line, 'index'>[]): Line[] =>
  lines.map((line, index) => ({ ...line, index }))
