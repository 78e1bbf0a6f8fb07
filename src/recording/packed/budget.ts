import { TooManyItems } from '../unpack.js'
import { Damaged } from './damaged.js'

/** How much may still come out of a block. */
export class Budget {
  characters: number
  items: number

  constructor(characters: number, items: number) {
    this.characters = characters
    this.items = items
  }

  /** @throws Damaged when it is more than was said */
  takeText(characters: number): void {
    this.characters -= characters
    if (this.characters < 0) throw new Damaged()
  }

  /** @throws TooManyItems */
  takeItems(items: number): void {
    this.items -= items
    if (this.items < 0) throw new TooManyItems()
  }
}
