import { duration } from '../duration.js'

export { duration }

/** Time since the origin in seconds: `1.234567`. */
export const seconds = (ns: number): string => (ns / 1e9).toFixed(6)

/** A count for people: `42,018`. */
export const counted = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',')

/** `1 operation`, `2 operations`. */
export const plural = (count: number, noun: string): string => `${counted(count)} ${noun}${count === 1 ? '' : 's'}`
