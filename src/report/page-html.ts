import { deflateRawSync } from 'node:zlib'
import { escapeHtml, policyHash } from './html.js'

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
  /** Text of the lines of each recording. */
  readonly lines: readonly string[]
}

const packed = (text: string): string => deflateRawSync(text, { level: 9 }).toString('base64')

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
  const blocks = [`<script type="text/plain" id="data">${packed(data)}</script>`]
  for (const [i, text] of lines.entries())
    blocks.push(`<script type="text/plain" id="lines${i}">${packed(text)}</script>`)
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
    ...blocks,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}
