/** The part of time that the timeline shows. */
export class View {
  readonly endNs: number
  from = 0
  to: number

  constructor(endNs: number) {
    this.endNs = endNs
    this.to = endNs
  }

  get whole(): boolean {
    return this.from <= 0 && this.to >= this.endNs
  }

  reset(): void {
    this.show(0, this.endNs)
  }

  /** Shows a span, within the recording and no shorter than a microsecond. */
  show(from: number, to: number): void {
    const span = Math.min(this.endNs, Math.max(1000, to - from))
    this.from = Math.max(0, Math.min(this.endNs - span, from))
    this.to = this.from + span
  }

  /** Closer around a time (`factor` below 1) or further away. */
  zoom(factor: number, aroundNs: number): void {
    const share = (aroundNs - this.from) / (this.to - this.from)
    const span = Math.min(this.endNs, (this.to - this.from) * factor)
    this.show(aroundNs - share * span, aroundNs - share * span + span)
  }

  pan(share: number): void {
    const by = (this.to - this.from) * share
    this.show(this.from + by, this.to + by)
  }

  x(ns: number, width: number): number {
    return ((ns - this.from) / (this.to - this.from)) * width
  }

  ns(x: number, width: number): number {
    return this.from + (x / width) * (this.to - this.from)
  }

  /** Times for the axis: round ones, about so many pixels apart. */
  ticks(width: number, apart: number): number[] {
    const least = ((this.to - this.from) * apart) / width
    const decade = 10 ** Math.floor(Math.log10(least))
    const step = [1, 2, 5, 10].map((n) => n * decade).find((n) => n >= least) ?? decade * 10
    const out: number[] = []
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) out.push(at)
    return out
  }
}
