import { dialects } from '../../src/dialect/builtin.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'

/** A log as text read with the built-in dialects: its operations, and how many lines nobody understood. */
export function readLog(text: string): { dialect: string; operations: Operation[]; unparsed: number } {
  const operations: Operation[] = []
  const interpreter = new Interpreter({ candidates: dialects, onEnd: (operation) => operations.push(operation) })
  // A microsecond a line, so that ends can be told from one another.
  for (const line of linesOf(Buffer.from(text, 'utf8'))) interpreter.push({ ...line, atNs: line.index * 1000 })
  interpreter.end(interpreter.lines * 1000)
  operations.sort((a, b) => a.id - b.id)
  return { dialect: interpreter.dialect?.name ?? 'none', operations, unparsed: interpreter.unparsed }
}

/** Operations in short: `create /a.txt`, `rename /a -> /b`. */
export function brief(operations: readonly Operation[]): string[] {
  return operations.map(({ opcode, path, newPath }) => `${opcode} ${path}${newPath === null ? '' : ` -> ${newPath}`}`)
}
