import { el, onceAFrame } from './dom.js'

/** Browsers make no element higher than about 33 million pixels. */
const MAX_HEIGHT = 15_000_000

export interface ListOptions {
  readonly label: string
  readonly rowHeight: number
  /** What a row shows, put into an empty element. */
  render(row: HTMLElement, index: number): void
  /** A row was chosen, by hand or by key. */
  onSelect?(index: number): void
  onScroll?(): void
}

/** A list of any length of which only the rows in view exist. */
export class VirtualList {
  readonly element: HTMLElement
  readonly #options: ListOptions
  readonly #spacer: HTMLElement
  readonly #rows: HTMLElement[] = []
  readonly #draw: () => void
  readonly #id: string
  /** Whether what is chosen was in view when it was drawn last: then it stays there. */
  #chosenInView = false
  #count = 0
  #selected = -1

  constructor(id: string, options: ListOptions) {
    this.#id = id
    this.#options = options
    this.#spacer = el('div', { class: 'spacer', role: 'presentation' })
    this.element = el(
      'div',
      { class: 'list', id, role: 'listbox', tabindex: 0, 'aria-label': options.label },
      this.#spacer,
    )
    this.#draw = onceAFrame(() => this.draw())
    this.element.addEventListener(
      'scroll',
      () => {
        this.#draw()
        options.onScroll?.()
      },
      { passive: true },
    )
    this.element.addEventListener('click', (event) => {
      const row = (event.target as Element).closest<HTMLElement>('[data-index]')
      if (row) this.select(Number(row.dataset.index), true)
    })
    new ResizeObserver(() => {
      if (this.#chosenInView) this.reveal(this.#selected)
      this.#draw()
    }).observe(this.element)
  }

  get count(): number {
    return this.#count
  }

  get selected(): number {
    return this.#selected
  }

  /** Index of the first row in view. */
  get first(): number {
    return Math.floor((this.element.scrollTop * this.#scale) / this.#options.rowHeight)
  }

  get visible(): number {
    return Math.max(1, Math.floor(this.element.clientHeight / this.#options.rowHeight))
  }

  /** Pixels of the whole for each pixel that is scrolled: more than 1 only of lists too long for a browser. */
  get #scale(): number {
    const whole = this.#count * this.#options.rowHeight
    return whole <= MAX_HEIGHT ? 1 : (whole - this.element.clientHeight) / (MAX_HEIGHT - this.element.clientHeight)
  }

  setCount(count: number, selected = -1): void {
    this.#count = count
    this.#selected = selected
    this.#spacer.style.height = `${Math.min(MAX_HEIGHT, count * this.#options.rowHeight)}px`
    this.draw()
  }

  refresh(): void {
    this.#draw()
  }

  /** Chooses a row; `notify` when it was the user. */
  select(index: number, notify = false): void {
    if (this.#count === 0) return
    this.#selected = Math.max(0, Math.min(this.#count - 1, index))
    this.#draw()
    if (notify) this.#options.onSelect?.(this.#selected)
  }

  /** Brings a row into view; to the middle when it was far away. */
  reveal(index: number, middle = false): void {
    const { rowHeight } = this.#options
    const { element } = this
    const top = (index * rowHeight) / this.#scale
    const height = element.clientHeight
    if (!middle && top >= element.scrollTop && top + rowHeight <= element.scrollTop + height) return
    const near = Math.abs(top - element.scrollTop - height / 2) < height
    if (middle || !near) element.scrollTop = top - height / 2 + rowHeight / 2
    else element.scrollTop = top < element.scrollTop ? top : top + rowHeight - height
  }

  /** Moves the choice by so many rows. */
  move(by: number): void {
    this.select(this.#selected < 0 ? (by > 0 ? this.first : this.first + this.visible) : this.#selected + by, true)
    this.reveal(this.#selected)
  }

  draw(): void {
    const { rowHeight, render } = this.#options
    const top = this.element.scrollTop
    const scrolled = top * this.#scale
    const first = Math.max(0, Math.floor(scrolled / rowHeight) - 2)
    const wanted = Math.min(this.#count - first, Math.ceil(this.element.clientHeight / rowHeight) + 5)
    while (this.#rows.length < wanted) {
      const row = el('div', { class: 'row', role: 'option' })
      row.style.height = `${rowHeight}px`
      this.#rows.push(row)
      this.#spacer.append(row)
    }
    for (const [i, row] of this.#rows.entries()) {
      const index = first + i
      const shown = i < wanted
      row.hidden = !shown
      if (!shown) continue
      row.id = `${this.#id}-${index}`
      row.dataset.index = String(index)
      row.className = 'row'
      row.style.transform = `translateY(${top + index * rowHeight - scrolled}px)`
      row.setAttribute('aria-posinset', String(index + 1))
      row.setAttribute('aria-setsize', String(this.#count))
      row.setAttribute('aria-selected', String(index === this.#selected))
      row.replaceChildren()
      render(row, index)
    }
    const bottom = top + this.element.clientHeight
    const [above, below] = [this.#selected, this.#selected + 1].map((index) => top + index * rowHeight - scrolled)
    this.#chosenInView = this.#selected >= 0 && (above ?? 0) >= top && (below ?? 0) <= bottom
    const chosen = this.#selected >= first && this.#selected < first + wanted
    if (chosen) this.element.setAttribute('aria-activedescendant', `${this.#id}-${this.#selected}`)
    else this.element.removeAttribute('aria-activedescendant')
  }
}
