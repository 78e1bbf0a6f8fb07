import { printableLines } from '../line/text.js'

/** A warning for whoever runs the tests, on stderr. */
export function warn(what: string): void {
  say(process.stderr, `fusetrace: ${what}`)
}

/** Prints a text of several lines, escaped. */
export function say(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${printableLines(text)}\n`)
}
