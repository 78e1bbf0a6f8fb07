import { el, onceAFrame } from './dom.js'
import type { LaneBy } from './lanes.js'
import type { Marks, Strip } from './strip.js'
import { readTheme } from './theme.js'
import { duration } from './times.js'
import { View } from './view.js'

/** Below this a press is a click. */
const DRAG = 4

export interface TimelineOptions {
  readonly strips: readonly Strip[]
  readonly label: string
  marks(strip: number): Marks
  /** An operation was pointed at. */
  onPick(strip: number, operation: number): void
}

/** The timeline: drawn on a canvas, zoomed by wheel and drag. */
export class Timeline {
  readonly element: HTMLElement
  readonly view: View
  readonly refresh: () => void
  readonly #options: TimelineOptions
  readonly #canvas: HTMLCanvasElement = el('canvas')
  readonly #range: HTMLElement = el('div', { class: 'range', hidden: true })
  readonly #status: HTMLElement = el('span', { class: 'span' })
  #down: number | null = null

  constructor(options: TimelineOptions) {
    this.#options = options
    this.view = new View(Math.max(...options.strips.map(({ recording }) => recording.endNs)))
    this.refresh = onceAFrame(() => this.#draw())
    // Before it is drawn, so that nothing below moves then.
    this.#canvas.style.height = `${this.#height}px`
    this.#canvas.setAttribute('role', 'img')
    this.#canvas.setAttribute('aria-label', options.label)
    this.element = el(
      'section',
      { class: 'timeline', 'aria-label': 'timeline' },
      this.#canvas,
      this.#range,
      this.#controls(),
    )
    this.#listen()
    new ResizeObserver(this.refresh).observe(this.element)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.refresh)
  }

  get #height(): number {
    return this.#options.strips.reduce((sum, strip) => sum + strip.height, 0)
  }

  get #left(): number {
    return this.element.clientWidth < 700 ? 74 : 108
  }

  get #width(): number {
    return Math.max(10, this.element.clientWidth - this.#left)
  }

  /** Shows all, or what is around a time. */
  zoom(factor: number, aroundNs?: number): void {
    this.view.zoom(factor, aroundNs ?? (this.view.from + this.view.to) / 2)
    this.refresh()
  }

  reset(): void {
    this.view.reset()
    this.refresh()
  }

  pan(share: number): void {
    this.view.pan(share)
    this.refresh()
  }

  /** Moves along so that a time is in view. */
  reveal(ns: number): void {
    const span = this.view.to - this.view.from
    if (ns < this.view.from || ns > this.view.to) this.view.show(ns - span / 2, ns + span / 2)
    this.refresh()
  }

  #controls(): HTMLElement {
    const by = (name: LaneBy): HTMLButtonElement =>
      el('button', { type: 'button', 'aria-pressed': name === 'process', onclick: () => choose(name) }, name)
    const buttons = (['process', 'opcode', 'step'] as const).map((name) => ({ name, button: by(name) }))
    const choose = (chosen: LaneBy): void => {
      for (const { name, button } of buttons) button.setAttribute('aria-pressed', String(name === chosen))
      for (const strip of this.#options.strips) strip.by(chosen)
      this.refresh()
    }
    const anySteps = this.#options.strips.some(({ recording }) => recording.steps.length > 0)
    return el(
      'div',
      { class: 'controls', role: 'group', 'aria-label': 'lanes of the timeline' },
      this.#status,
      ...buttons.filter(({ name }) => name !== 'step' || anySteps).map(({ button }) => button),
    )
  }

  #listen(): void {
    const canvas = this.#canvas
    const at = (event: MouseEvent): number => event.clientX - canvas.getBoundingClientRect().left - this.#left
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault()
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
          this.pan((event.deltaX || event.deltaY) / 1000)
        else this.zoom(1.0015 ** event.deltaY, this.view.ns(at(event), this.#width))
      },
      { passive: false },
    )
    canvas.addEventListener('pointerdown', (event) => {
      this.#down = at(event)
      canvas.setPointerCapture(event.pointerId)
    })
    canvas.addEventListener('pointermove', (event) => {
      this.#status.textContent = duration(Math.max(0, Math.round(this.view.ns(Math.max(0, at(event)), this.#width))))
      if (this.#down !== null) this.#showRange(this.#down, at(event))
    })
    canvas.addEventListener('pointerleave', () => this.#showSpan())
    canvas.addEventListener('pointercancel', () => this.#endDrag())
    canvas.addEventListener('pointerup', (event) => {
      const [from, to] = [this.#down ?? 0, at(event)]
      this.#endDrag()
      if (Math.abs(to - from) >= DRAG) {
        const [a, b] = [from, to].map((x) => this.view.ns(x, this.#width)).sort((x, y) => x - y)
        this.view.show(a ?? 0, b ?? 0)
        this.refresh()
      } else this.#pick(to, event.clientY - canvas.getBoundingClientRect().top)
    })
    canvas.addEventListener('dblclick', () => this.reset())
  }

  #endDrag(): void {
    this.#down = null
    this.#range.hidden = true
  }

  #showRange(from: number, to: number): void {
    this.#range.hidden = Math.abs(to - from) < DRAG
    this.#range.style.left = `${this.#left + Math.min(from, to)}px`
    this.#range.style.width = `${Math.abs(to - from)}px`
  }

  #showSpan(): void {
    const { from, to, whole } = this.view
    this.#status.textContent = whole ? '' : `${duration(to - from)} of ${duration(this.view.endNs)}`
  }

  #pick(x: number, y: number): void {
    let top = 0
    for (const [index, strip] of this.#options.strips.entries()) {
      if (y < top + strip.height) {
        const found = strip.nearest(this.view, x, y - top, this.#width)
        if (found >= 0) this.#options.onPick(index, found)
        return
      }
      top += strip.height
    }
  }

  #draw(): void {
    const { strips } = this.#options
    const height = this.#height
    const width = this.element.clientWidth
    const ratio = devicePixelRatio || 1
    const canvas = this.#canvas
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
      canvas.style.height = `${height}px`
    }
    const context = canvas.getContext('2d')
    if (!context) return
    const theme = readTheme()
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    for (const [index, strip] of strips.entries()) {
      strip.draw(context, this.view, this.#left, this.#width, theme, this.#options.marks(index))
      context.translate(0, strip.height)
    }
    if (this.#down === null) this.#showSpan()
  }
}
