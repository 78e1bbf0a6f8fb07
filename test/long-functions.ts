/** Opens a function, a method or an arrow with a body, as the formatter writes them: the brace ends the line. */
const OPENS =
  /^(\s*)(?:export |default |async |static |private |protected |override |get |set )*(?:function\*? ?(\w*)|(?:const|let) (#?\w+)\b.*(?:=>|function).*|(#?[\w$]+)(?:<[^>]*>)?\(.*|constructor\(.*)\{$/

/** Statements that look like a method with a body. */
const STATEMENTS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'return', 'describe', 'test'])

/**
 * Functions of a formatted source whose text is longer than so many lines, as `file:line name: n lines`. Read from the
 * formatter's indentation: a body ends at the first line that begins with a closing brace at the indentation of its head.
 */
export function longFunctions(file: string, source: string, max: number): string[] {
  const lines = source.split('\n')
  const found: string[] = []
  for (const [at, line] of lines.entries()) {
    const opened = OPENS.exec(line)
    if (!opened) continue
    const name = opened[2] ?? opened[3] ?? opened[4] ?? 'constructor'
    if (STATEMENTS.has(name)) continue
    const indent = opened[1] ?? ''
    const length = lines.slice(at + 1).findIndex((other) => other.startsWith(`${indent}}`)) + 2
    if (length > max) found.push(`${file}:${at + 1} ${name}: ${length} lines`)
  }
  return found
}
