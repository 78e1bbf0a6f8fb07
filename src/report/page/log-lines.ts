import { el } from './dom.js'
import type { Recording } from './recording.js'
import { seconds } from './times.js'
import { split } from './words.js'

/** Lines of one operation that are shown: the first and the last half of them. */
const MAX_LINES = 60
/** Characters of a line that are shown in a row; all of them where it stands alone. */
const MAX_SHOWN = 2000

/** A line's text, with what was found in it marked. */
export function markedText(text: string, pattern: RegExp | null, most = MAX_SHOWN): HTMLElement {
  const shown = text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text
  const pieces = split(shown, pattern)
  return el('span', { class: 'text' }, ...pieces.map((piece, i) => (i % 2 === 1 ? el('mark', {}, piece) : piece)))
}

/** The log lines of an operation, with the words marked that it was read from. */
export function logLines(
  recording: Recording,
  [first, last]: readonly [number, number],
  words: RegExp | null,
  onLine: (line: number) => void,
): HTMLElement {
  const { lines } = recording
  if (lines === null) return el('p', { class: 'dim', 'data-waits': 'lines' }, 'The log is being unpacked…')
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const shown = all.length <= MAX_LINES ? all : [...all.slice(0, MAX_LINES / 2), ...all.slice(-MAX_LINES / 2)]
  const out = shown.map((line) => {
    const number = el(
      'button',
      { type: 'button', class: 'link number', 'aria-label': `line ${line + 1}`, onclick: () => onLine(line) },
      String(line + 1),
    )
    const item = el('li', {}, number, markedText(lines[line] ?? '', words))
    item.title = `${seconds(recording.lineTimes[line] ?? 0)} s`
    return item
  })
  if (shown.length < all.length) {
    const left = el('li', { class: 'dim' }, `… ${all.length - shown.length} lines between …`)
    out.splice(MAX_LINES / 2, 0, left)
  }
  return el('ol', { class: 'lines' }, ...out)
}
