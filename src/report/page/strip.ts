import type { PageEvent } from '../page-data.js'
import { Density } from './density.js'
import { isBad } from './event-rows.js'
import { type LaneBy, type Lanes, lanesBy } from './lanes.js'
import type { Recording } from './recording.js'
import type { Theme } from './theme.js'
import { duration } from './times.js'
import type { View } from './view.js'

const LANE = 15
const AXIS = 16
const MAX_DEPTH = 3
const WAIT_ROWS = 2

/** What is drawn besides the operations themselves. */
export interface Marks {
  /** Whether an operation passes the filter; null: all do. */
  readonly passes: Uint8Array | null
  readonly selected: { readonly from: number; readonly to: number } | null
  /** What the list shows just now. */
  readonly shown: readonly [number, number] | null
}

/** One recording's part of the timeline: axis, steps, waits and calls, and lanes of operations. */
export class Strip {
  readonly recording: Recording
  readonly title: string
  readonly #most: number
  #lanes: Lanes
  readonly #depth: number
  readonly #waits: readonly PageEvent[]
  readonly #points: readonly PageEvent[]

  /** @param lanes of operations at most */
  constructor(recording: Recording, title: string, lanes: number) {
    this.recording = recording
    this.title = title
    this.#most = lanes
    this.#lanes = lanesBy(recording, 'process', lanes)
    this.#depth = recording.steps.reduce((depth, step) => Math.min(MAX_DEPTH, Math.max(depth, step.depth + 1)), 0)
    this.#waits = recording.data.events.filter((event) => event.k === 'wait' || event.k === 'call')
    this.#points = recording.data.events.filter((event) => ['mount', 'exit', 'loss', 'fault'].includes(event.k))
  }

  by(by: LaneBy): void {
    this.#lanes = lanesBy(this.recording, by, this.#most)
  }

  get #head(): number {
    return AXIS + this.#depth * LANE + (this.#waits.length > 0 ? WAIT_ROWS * 7 + 3 : 0)
  }

  get height(): number {
    return this.#head + this.#lanes.names.length * LANE + 4
  }

  /** The lane at a height; -1 above them. */
  laneAt(y: number): number {
    return y < this.#head ? -1 : Math.floor((y - this.#head) / LANE)
  }

  /** The operation nearest to a place, in its lane if it has any near. */
  nearest(view: View, x: number, y: number, width: number): number {
    const lane = this.laneAt(y)
    const ns = view.ns(x, width)
    const from = this.recording.firstFrom(ns)
    let best = -1
    let distance = Number.POSITIVE_INFINITY
    for (let i = Math.max(0, from - 3000); i < Math.min(this.recording.count, from + 3000); i++) {
      const own = this.#lanes.of[i] ?? -1
      if (own < 0 || (lane >= 0 && own !== lane)) continue
      const start = this.recording.start[i] ?? 0
      const end = start + Math.max(0, this.recording.took[i] ?? 0)
      const far = ns < start ? start - ns : ns > end ? ns - end : (end - start) / 1e6
      if (far < distance) [best, distance] = [i, far]
    }
    return best
  }

  draw(context: CanvasRenderingContext2D, view: View, left: number, width: number, theme: Theme, marks: Marks): void {
    this.#axis(context, view, left, width, theme)
    context.save()
    context.beginPath()
    context.rect(left, 0, width, this.height)
    context.clip()
    context.translate(left, 0)
    this.#shown(context, view, width, theme, marks)
    this.#steps(context, view, width, theme)
    this.#spans(context, view, width, theme)
    this.#operations(context, view, width, theme, marks)
    this.#moments(context, view, width, theme, marks)
    context.restore()
    this.#names(context, left, theme)
  }

  #axis(context: CanvasRenderingContext2D, view: View, left: number, width: number, theme: Theme): void {
    context.fillStyle = theme.dim
    context.font = theme.small
    context.textBaseline = 'top'
    context.textAlign = 'left'
    context.fillText(clipped(context, this.title, left - 12), 6, 2)
    for (const at of view.ticks(width, 110)) {
      const x = left + view.x(at, width)
      context.fillStyle = theme.line
      context.fillRect(Math.round(x), 0, 1, this.height)
      context.fillStyle = theme.dim
      if (x + 60 < left + width) context.fillText(at === 0 ? '0' : duration(at), x + 4, 2)
    }
  }

  #shown(context: CanvasRenderingContext2D, view: View, width: number, theme: Theme, { shown }: Marks): void {
    if (shown === null) return
    const [from, to] = shown.map((ns) => view.x(ns, width)) as [number, number]
    context.fillStyle = theme.band
    context.fillRect(from, AXIS, Math.max(2, to - from), this.height - AXIS)
  }

  #steps(context: CanvasRenderingContext2D, view: View, width: number, theme: Theme): void {
    context.font = theme.small
    for (const step of this.recording.steps) {
      if (step.depth >= MAX_DEPTH) continue
      const from = view.x(step.at, width)
      const to = Math.max(from + 2, view.x(step.end ?? this.recording.endNs, width))
      if (to < 0 || from > width) continue
      const y = AXIS + step.depth * LANE
      context.fillStyle = theme.step
      context.fillRect(from, y + 1, to - from - 1, LANE - 3)
      const begin = Math.max(from, 0) + 4
      const room = Math.min(to, width) - begin - 4
      if (room < 24) continue
      context.fillStyle = theme.text
      context.fillText(clipped(context, step.name, room), begin, y + 1.5)
    }
  }

  /** Waits and calls, below each other. */
  #spans(context: CanvasRenderingContext2D, view: View, width: number, theme: Theme): void {
    const top = AXIS + this.#depth * LANE + 1
    const drawn = { wait: -1, call: -1 }
    for (const event of this.#waits) {
      if (event.k !== 'wait' && event.k !== 'call') continue
      const from = view.x(event.at, width)
      const to = Math.max(from + 1.5, view.x(event.end, width))
      // Of thousands in one pixel the first is seen, and all that failed.
      if (to < 0 || from > width || (to <= drawn[event.k] && !isBad(event))) continue
      drawn[event.k] = Math.max(drawn[event.k], to)
      context.fillStyle = isBad(event) ? theme.bad : event.k === 'wait' ? theme.wait : theme.call
      context.fillRect(from, top + (event.k === 'wait' ? 7 : 0), to - from, 5)
    }
  }

  #operations(context: CanvasRenderingContext2D, view: View, width: number, theme: Theme, { passes }: Marks): void {
    const { recording } = this
    const kinds = [theme.faint, theme.operation, theme.bad] as const
    const layers = this.#lanes.names.map(() => kinds.map(() => new Density(Math.ceil(width))))
    const scale = width / (view.to - view.from)
    for (let i = 0; i < recording.count; i++) {
      const lane = this.#lanes.of[i] ?? -1
      if (lane < 0) continue
      const kind = passes !== null && passes[i] === 0 ? 0 : recording.failed(i) ? 2 : 1
      const from = ((recording.start[i] ?? 0) - view.from) * scale
      layers[lane]?.[kind]?.add(from, from + Math.max(0, recording.took[i] ?? 0) * scale)
    }
    const heights = [0, 0.55, 0.8, 1]
    for (const [lane, densities] of layers.entries()) {
      const bottom = this.#head + (lane + 1) * LANE - 2
      for (const [kind, density] of densities.entries()) {
        context.fillStyle = kinds[kind] ?? theme.operation
        for (const [from, to, level] of density.runs()) {
          const height = (kind === 2 ? 1 : (heights[level] ?? 1)) * (LANE - 4)
          context.fillRect(from, bottom - height, to - from, height)
        }
      }
    }
  }

  /** Phases of the mount, losses and the end, and what is selected. */
  #moments(context: CanvasRenderingContext2D, view: View, width: number, theme: Theme, { selected }: Marks): void {
    for (const event of this.#points) {
      context.fillStyle = isBad(event) ? theme.bad : theme.tick
      context.fillRect(Math.round(view.x(event.at, width)), AXIS, 1, this.height - AXIS)
    }
    if (selected === null) return
    const from = view.x(selected.from, width)
    const to = view.x(selected.to, width)
    context.fillStyle = theme.accent
    context.globalAlpha = 0.18
    context.fillRect(from, 0, Math.max(1, to - from), this.height)
    context.globalAlpha = 1
    context.fillRect(Math.round(from), 0, 2, this.height)
  }

  #names(context: CanvasRenderingContext2D, left: number, theme: Theme): void {
    context.fillStyle = theme.dim
    context.font = theme.small
    const write = (name: string, y: number): void => context.fillText(clipped(context, name, left - 12), 6, y)
    if (this.#depth > 0) write('steps', AXIS + 2)
    if (this.#waits.length > 0) write('calls, waits', AXIS + this.#depth * LANE + 2)
    for (const [lane, name] of this.#lanes.names.entries()) write(name, this.#head + lane * LANE + 2)
  }
}

function clipped(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text.slice(0, 400)).width <= room && text.length <= 400) return text
  let [low, high] = [0, Math.min(text.length, 400)]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle
    else high = middle - 1
  }
  return low === 0 ? '' : `${text.slice(0, low)}…`
}
