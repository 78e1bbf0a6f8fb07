/** `2 × {home}, 1 × {token}`: how often what was replaced in a recording; null when nothing was. */
export function replacedText(redacted: Readonly<Record<string, number>>): string | null {
  const all = Object.entries(redacted)
  return all.length === 0 ? null : all.map(([name, count]) => `${count} × {${name}}`).join(', ')
}
