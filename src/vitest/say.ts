import { printable, printableLines } from '../line/text.js'

/** A warning for whoever runs the tests, on stderr: without colours, which only names in it could have. */
export function warn(what: string): void {
  process.stderr.write(`fusetrace: ${what.split('\n').map(printable).join('\n')}\n`)
}

/** Prints a text of several lines, escaped. */
export function say(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${printableLines(text)}\n`)
}
