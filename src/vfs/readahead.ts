/** Pages that are read in one go where nothing is read ahead: whoever wants more comes again. */
const MAX_UNAHEAD = 512

/** What of a file is to be read before it is asked for: the kernel's rules (mm/readahead.c), in pages. */
export class Readahead {
  #start = 0
  #size = 0
  #async = 0
  /** The page whose use says that the next ones will be wanted; null when there is none. */
  #marker: number | null = null
  /** The page that was read last. */
  last = -1

  /**
   * A page that is not there is wanted.
   *
   * @param wanted pages that were asked for from here on
   * @param known whether a page is there
   * @returns the pages to read: the first and how many
   */
  miss(index: number, wanted: number, max: number, known: (index: number) => boolean): [number, number] {
    if (max === 0) return [index, Math.min(wanted, MAX_UNAHEAD)]
    if (index === 0 || wanted > max || index - this.last <= 1) {
      this.#size = initialSize(wanted, max)
      this.#async = this.#size > wanted ? this.#size - wanted : this.#size >> 1
    } else {
      let before = 0
      while (before < max && before < index && known(index - 1 - before)) before++
      // A single read at random: nothing is read ahead.
      if (before <= wanted) return [index, wanted]
      this.#size = Math.min((before === index ? 2 * before : before) + wanted, max)
      this.#async = 1
    }
    this.#start = index
    this.#mark()
    return [index, this.#size]
  }

  /** A page that is there is used. @returns the pages to read ahead; null when there is no need */
  hit(index: number, max: number): [number, number] | null {
    if (index !== this.#marker) return null
    this.#start += this.#size
    this.#size = nextSize(this.#size, max)
    this.#async = this.#size
    this.#mark()
    return [this.#start, this.#size]
  }

  #mark(): void {
    this.#marker = this.#async > 0 ? this.#start + this.#size - this.#async : null
  }
}

function initialSize(wanted: number, max: number): number {
  let size = 1
  while (size < wanted) size *= 2
  if (size <= max / 32) return size * 4
  if (size <= max / 4) return size * 2
  return max
}

function nextSize(size: number, max: number): number {
  if (size < max / 16) return 4 * size
  if (size <= max / 2) return 2 * size
  return max
}
