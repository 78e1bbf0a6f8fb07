import { deflateRawSync } from 'node:zlib'
import { escapeHtml, policyHash } from './html.js'
import type { PageLines } from './page-data.js'

/** The page's own script and style, as the build made them. */
export interface PageAssets {
  readonly script: string
  readonly style: string
}

export interface PageParts extends PageAssets {
  /** Of the browser's tab; not escaped. */
  readonly title: string
  /** What the page is given, as JSON. */
  readonly data: string
  /** Of each recording. */
  readonly lines: readonly LineBlocks[]
}

/** The lines of a recording: their text in blocks. */
export interface LineBlocks extends PageLines {
  readonly blocks: readonly string[]
}

const packed = (text: string): string => deflateRawSync(text, { level: 6 }).toString('base64')
const block = (id: string, text: string): string => `<script type="text/plain" id="${id}">${packed(text)}</script>`

/**
 * One page that needs nothing else. What comes from a recording is in it only compressed, in base64; the browser runs the one script
 * and takes the one style whose hashes it names, loads nothing, and refuses to make HTML of text.
 */
export function pageHtml({ title, data, lines, script, style }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src ${policyHash(script)}`,
    `style-src ${policyHash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
  const log = lines.flatMap(({ blocks, times, streams }, i) => [
    block(`line-facts${i}`, JSON.stringify({ times, streams })),
    ...blocks.map((text, n) => block(`lines${i}-${n}`, text)),
  ])
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    '<body>',
    '<noscript>This report is drawn by its own script, which runs nothing else and loads nothing. <code>fusetrace show</code> prints the same in a terminal.</noscript>',
    block('data', data),
    `<script>${script}</script>`,
    // Behind the script: what is seen at once does not wait for the log.
    ...log,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}
