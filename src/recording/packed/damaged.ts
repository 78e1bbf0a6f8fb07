/** The bytes of a block end before its rows do, or are nonsense. */
export class Damaged extends Error {}
