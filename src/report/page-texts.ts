/** Texts, each once, by their places. */
export class PageTexts {
  readonly list: string[] = []
  readonly #places = new Map<string, number>()

  /** The place of a text; -1 of none. */
  of(text: string | null | undefined): number {
    if (text === null || text === undefined) return -1
    let place = this.#places.get(text)
    if (place === undefined) {
      place = this.list.push(text) - 1
      this.#places.set(text, place)
    }
    return place
  }
}
