import type { OpenOptions } from '../recording/reader.js'

/** Options to open a recording with: of an unfinished one, the operations in its journal are wanted too. */
export async function recovery(path: string): Promise<OpenOptions> {
  if (!path.endsWith('.partial')) return {}
  const { interpretTail } = await import('../recording/interpret-tail.js')
  return { interpret: interpretTail }
}
