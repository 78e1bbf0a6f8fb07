import { el } from './dom.js'
import { TABS, type Tab } from './moment.js'

const NAMES: Readonly<Record<Tab, string>> = { events: 'Events', latency: 'Latency', log: 'Log', about: 'About' }

/** The tabs and what each of them shows. */
export class Tabs {
  readonly element: HTMLElement
  readonly panels: Readonly<Record<Tab, HTMLElement>>
  readonly #buttons: Readonly<Record<Tab, HTMLButtonElement>>

  /** @param contents what is in the panels from the begin */
  constructor(contents: Readonly<Partial<Record<Tab, readonly HTMLElement[]>>>, onShow: (tab: Tab) => void) {
    const button = (tab: Tab): HTMLButtonElement =>
      el(
        'button',
        { type: 'button', role: 'tab', 'aria-controls': `panel-${tab}`, onclick: () => onShow(tab) },
        NAMES[tab],
      )
    // What scrolls without rows of its own has to be reached by keys too.
    const panel = (tab: Tab): HTMLElement =>
      el(
        'div',
        {
          class: `panel ${tab}`,
          id: `panel-${tab}`,
          role: 'tabpanel',
          'aria-label': NAMES[tab],
          tabindex: contents[tab] ? null : 0,
        },
        ...(contents[tab] ?? []),
      )
    this.#buttons = Object.fromEntries(TABS.map((tab) => [tab, button(tab)])) as Record<Tab, HTMLButtonElement>
    this.panels = Object.fromEntries(TABS.map((tab) => [tab, panel(tab)])) as Record<Tab, HTMLElement>
    this.element = el('div', { role: 'tablist', 'aria-label': 'view' }, ...TABS.map((tab) => this.#buttons[tab]))
    this.element.addEventListener('keydown', (event) => {
      const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
      if (by === 0) return
      event.preventDefault()
      const now = TABS.findIndex((tab) => this.#buttons[tab] === event.target)
      const next = TABS[(now + by + TABS.length) % TABS.length] ?? 'events'
      onShow(next)
      this.#buttons[next].focus()
    })
  }

  show(tab: Tab): void {
    for (const name of TABS) {
      const shown = name === tab
      this.panels[name].hidden = !shown
      this.#buttons[name].setAttribute('aria-selected', String(shown))
      this.#buttons[name].tabIndex = shown ? 0 : -1
    }
  }
}
