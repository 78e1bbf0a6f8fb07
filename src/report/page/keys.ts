import { el } from './dom.js'

/** A key, or several, and what it does. */
export interface Key {
  readonly keys: readonly string[]
  /** As it is shown. */
  readonly shown: string
  readonly what: string
  run(): void
}

const SCROLLING: ReadonlySet<string> = new Set(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', ' '])

/** Answers keys, but for those that somebody types into a field, or that the browser is asked for. */
export function listenToKeys(keys: readonly Key[]): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const target = event.target as HTMLElement
    // A dialog has keys of its own; what scrolls scrolls.
    if (target.closest('dialog')) return
    if (SCROLLING.has(event.key) && target.closest('.detail, .panel.latency, .panel.about')) return
    const typing = target.matches('input, select, textarea')
    if (typing && event.key !== 'Escape') return
    // What a button does on these keys is its own.
    if (target.matches('button, a') && (event.key === 'Enter' || event.key === ' ')) return
    const key = keys.find((one) => one.keys.includes(event.key))
    if (!key) return
    event.preventDefault()
    key.run()
  })
}

/** What the keys do, in a dialog. */
export function keyHelp(keys: readonly Key[]): HTMLDialogElement {
  const rows = keys.map(({ shown, what }) => el('tr', {}, el('td', {}, el('kbd', {}, shown)), el('td', {}, what)))
  const dialog = el(
    'dialog',
    { 'aria-label': 'keys' },
    el('h2', {}, 'Keys'),
    el('table', {}, el('tbody', {}, ...rows)),
    el(
      'p',
      { class: 'dim' },
      'The timeline: wheel to zoom, drag to zoom into a span, shift and wheel to move, double click for all.',
    ),
    el('form', { method: 'dialog' }, el('button', { autofocus: true }, 'Close')),
  )
  return dialog
}
