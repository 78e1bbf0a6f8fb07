/*
 * Integer arithmetic of chances, so that every machine comes to the same: 12 bits a chance, logistic domain -2047 … 2047.
 */

/** 4096 / (1 + e^(-x/256)), at 33 points. */
const POINTS = [
  1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785, 3901, 3975,
  4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094,
]

/** From the logistic domain to a chance of 4096. */
export const SQUASH: Int16Array = new Int16Array(4096)
/** The other way. */
export const STRETCH: Int16Array = new Int16Array(4096)

for (let x = -2047; x <= 2047; x++) {
  const at = (x >> 7) + 16
  const weight = x & 127
  SQUASH[x + 2048] = (POINTS[at]! * (128 - weight) + POINTS[Math.min(32, at + 1)]! * weight + 64) >> 7
}
SQUASH[0] = 1
let next = 0
for (let x = -2047; x <= 2047; x++) {
  const chance = SQUASH[x + 2048]!
  for (; next <= chance; next++) STRETCH[next] = x
}
for (; next < 4096; next++) STRETCH[next] = 2047

/** How fast a chance follows what is seen, by how much has been seen, of 32768. */
export const RATES: Int32Array = Int32Array.from({ length: 1024 }, (_, n) => Math.floor(32768 / (n + 1.6)))
