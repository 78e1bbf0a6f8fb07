import { whole } from './more-mutations.js'
import type { Grammar, Mutation } from './mutations.js'

const each =
  (change: (raw: string) => string | readonly string[]) => (): ((raw: string) => string | readonly string[]) =>
    change
const inRequests =
  (change: (raw: string) => string) =>
  (g: Grammar) =>
  (raw: string): string =>
    g.request.test(raw) ? change(raw) : raw

/** Changes that the lines of any dialect can undergo, whatever stands in them. */
export const lineMutations: readonly Mutation[] = [
  { name: 'each line twice', codes: [...whole, 'operation-doubled'], of: each((raw) => [raw, raw]) },
  { name: 'lines in angle brackets', codes: whole, of: each((raw) => `<${raw}>`) },
  { name: 'lines as JSON strings', codes: whole, of: each((raw) => JSON.stringify(raw)) },
  { name: 'lines within XML', codes: whole, of: each((raw) => `<line>${raw}</line>`) },
  { name: 'lines of a CSV', codes: whole, of: each((raw) => `1,"${raw.replaceAll('"', '""')}"`) },
  { name: 'a Kubernetes prefix', codes: whole, of: each((raw) => `2026-11-22T20:00:41.123456789Z stderr F ${raw}`) },
  { name: 'a counter behind each line', codes: whole, of: each((raw) => `${raw} (3)`) },
  { name: 'requests in capitals', codes: whole, of: inRequests((raw) => raw.toUpperCase()) },
  { name: 'requests reversed', codes: whole, of: inRequests((raw) => [...raw].reverse().join('')) },
  { name: 'blanks of requests left out', codes: whole, of: inRequests((raw) => raw.replaceAll(' ', '')) },
  { name: 'blanks of requests as %20', codes: whole, of: inRequests((raw) => raw.replaceAll(' ', '%20')) },
  { name: 'dots instead of blanks in requests', codes: whole, of: inRequests((raw) => raw.replaceAll(' ', '.')) },
  {
    name: 'a byte order mark before the log',
    codes: whole,
    of: () => null,
    whole: (_, lines) => lines.map((line, i) => (i === 0 ? `\xef\xbb\xbf${line}` : line)),
  },
]
