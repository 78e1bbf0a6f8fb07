/** What small recordings begin with. */
export const DICTIONARY: Buffer = Buffer.from('unique: , opcode: LOOKUP', 'latin1')
