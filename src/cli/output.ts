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

/** A value as JSON on one line; bigints as decimal strings. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item))
}
