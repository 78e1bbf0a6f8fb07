import { once } from 'node:events'

/** Writes text to stdout, waiting where the reader is slow. */
export class Output {
  #text = ''

  /** Adds a line. */
  async line(text: string): Promise<void> {
    this.#text += `${text}\n`
    if (this.#text.length > 64 * 1024) await this.end()
  }

  /** Hands on what is left. */
  async end(): Promise<void> {
    const text = this.#text
    this.#text = ''
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain')
  }
}

/** What some readers take for the end of a line although JSON lets it stand. */
const LINE_ENDS = /[\x7f-\x9f\u2028\u2029]/g

/** A value as JSON on one line, whatever its reader calls a line; bigints as decimal strings. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)).replace(
    LINE_ENDS,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
