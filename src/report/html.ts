import { createHash } from 'node:crypto'

/** Text as it stands in an element or an attribute of a page. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A script or style as a Content-Security-Policy names it. */
export const policyHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
