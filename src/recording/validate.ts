/** What was decoded is not what a row must be. */
export class Invalid extends Error {}

export const isTime = (value: unknown): value is number => Number.isSafeInteger(value)
export const isText = (value: unknown): value is string => typeof value === 'string'
export const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'
export const isIntOrNull = (value: unknown): value is number | null => value === null || Number.isSafeInteger(value)
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
/** 64 bits, which pass what a number holds. */
export const isDecimal = (value: unknown): value is string => typeof value === 'string' && /^\d{1,20}$/.test(value)

/** @throws Invalid */
export function need<T>(value: unknown, is: (value: unknown) => value is T): T {
  if (!is(value)) throw new Invalid()
  return value
}

/** @throws Invalid */
export function oneOf<T>(value: unknown, values: readonly T[]): T {
  if (!values.includes(value as T)) throw new Invalid()
  return value as T
}
