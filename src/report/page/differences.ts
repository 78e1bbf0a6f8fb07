import { el } from './dom.js'

/** Goes from difference to difference, and shows nothing else where that is wanted. */
export function differenceControls(
  only: boolean,
  onGo: (by: 1 | -1) => void,
  onOnly: (only: boolean) => void,
): HTMLElement {
  const box = el('input', { type: 'checkbox', id: 'only', checked: only })
  box.addEventListener('change', () => onOnly(box.checked))
  const button = (text: string, title: string, by: 1 | -1): HTMLElement =>
    el('button', { type: 'button', title, 'aria-label': title, onclick: () => onGo(by) }, text)
  return el(
    'div',
    { class: 'differences' },
    button('↑', 'previous difference (D)', -1),
    button('↓ difference', 'next difference (d)', 1),
    el('label', { class: 'check' }, box, 'only these'),
  )
}
