import { printable } from '../line/text.js'
import { escapeHtml, policyHash } from '../report/html.js'
import type { Coverage } from './coverage.js'

const escaped = (text: string): string => escapeHtml(printable(text))

const STYLE = `:root{color-scheme:light dark;--line:light-dark(#767676,#8a8a8a);--seen:light-dark(#0b6e3f,#7fd6a4);--seen-text:light-dark(#fff,#06281a);--failed:light-dark(#8a4b00,#ffc27a);--never:light-dark(#b3261e,#ff9a92);--page:light-dark(#fff,#121212);--text:light-dark(#1b1b1b,#ececec)}
body{background:var(--page);color:var(--text);font:15px/1.45 system-ui,sans-serif;margin:1.5rem;max-width:100%}
h1{font-size:1.3rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{border:1px solid var(--line);padding:.2rem .5rem;text-align:right;white-space:nowrap}
th[scope=row]{text-align:left;position:sticky;left:0;background:var(--page)}
thead th{vertical-align:bottom}
td.seen{background:var(--seen);color:var(--seen-text)}
td.never{color:var(--never);font-weight:600}
.missed{color:var(--never);font-weight:600}`

const COLUMNS = ['ok', 'none', 'unknown', 'unfinished']

/** A page that needs nothing else and runs nothing: opcodes by outcomes, with how often each was seen. */
export function coverageHtml(coverage: Coverage, missed: readonly string[]): string {
  const { opcodes, neverSeen, recordings, operations } = coverage
  const seen = new Set(opcodes.flatMap(({ outcomes, never }) => [...Object.keys(outcomes), ...never]))
  const columns = [
    ...COLUMNS.filter((one) => seen.has(one)),
    ...[...seen].filter((one) => !COLUMNS.includes(one)).sort(),
  ]
  const policy = `default-src 'none'; style-src ${policyHash(STYLE)}; base-uri 'none'; form-action 'none'`
  const cell = (count: number | undefined, isUsual: boolean): string => {
    if (count !== undefined) return `<td class="seen">${count}</td>`
    return isUsual ? '<td class="never">never</td>' : '<td></td>'
  }
  const rows = opcodes.map(({ opcode, count, outcomes, never }) => {
    const cells = columns.map((column) =>
      cell(Object.hasOwn(outcomes, column) ? outcomes[column] : undefined, never.includes(column)),
    )
    return `<tr><th scope="row">${escaped(opcode)}</th><td>${count}</td>${cells.join('')}</tr>`
  })
  const head = ['count', ...columns].map((column) => `<th scope="col">${escaped(column)}</th>`).join('')
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<title>fusetrace coverage</title>',
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    '<h1>Coverage of recordings</h1>',
    `<p>${opcodes.length} opcodes in ${operations} operations of ${recordings} recordings. A cell says how often an outcome was seen; <em>never</em>: such requests are expected to fail so, and did not.</p>`,
    ...(missed.length > 0
      ? [`<ul>${missed.map((one) => `<li class="missed">${escaped(one)}</li>`).join('')}</ul>`]
      : []),
    '<div class="scroll" role="region" aria-label="Outcomes by opcode" tabindex="0">',
    `<table><thead><tr><th scope="col">opcode</th>${head}</tr></thead>`,
    `<tbody>${rows.join('\n')}</tbody></table>`,
    '</div>',
    ...(neverSeen.length > 0 ? [`<h2>Never seen</h2><p>${neverSeen.map(escaped).join(', ')}</p>`] : []),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}
