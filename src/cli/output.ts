import { once } from 'node:events'
import { printable, printableJson, printableLines } from '../line/text.js'

/** Writes text to stdout, as it may be printed, waiting where the reader is slow. */
export class Output {
  #text = ''

  /** Adds a line. */
  async line(text: string): Promise<void> {
    this.#text += `${printableLines(text)}\n`
    if (this.#text.length > 64 * 1024) await this.end()
  }

  /** Adds a line that is meant to act: a workflow command, made safe by who made it. */
  async command(text: string): Promise<void> {
    this.#text += `${text}\n`
  }

  /** Hands on what is left. */
  async end(): Promise<void> {
    const text = this.#text
    this.#text = ''
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain')
  }
}

/** A value as JSON on one line, safe to print, whatever its reader calls a line; bigints as decimal strings. */
export function json(value: unknown, indent = 0): string {
  return printableJson(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item), indent))
}

/** Prints text of one or several lines on stdout. */
export function print(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`)
}

/** Says something on stderr, in one line: `fusetrace: …`. Names in it may hold anything, line feeds and colours too. */
export function say(message: string): void {
  process.stderr.write(`fusetrace: ${printable(message)}\n`)
}

/** What is said of a line that was longer than the limit. */
export const cutLine = (log: string, { count, index }: { count: number; index: number }): string =>
  `${printable(log)}: line ${index + 1} is cut, ${count} bytes are lost; FUSETRACE_LIMITS=lineBytes=NUMBER raises the limit`
