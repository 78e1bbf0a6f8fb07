import { parentPort } from 'node:worker_threads'
import { Packing } from './packed/packing.js'
import { type FromPacker, packBatch, type ToPacker } from './packed/row-batch.js'
import type { RecordingHeader } from './row.js'

/* The thread that packs the rows of one recording: batches come in, bytes of the file go out. What it throws ends it. */

const answer = (message: FromPacker): void => parentPort?.postMessage(message)
const packing = new Packing((bytes) => answer({ bytes }))
let header: RecordingHeader | null = null

parentPort?.on('message', (message: ToPacker) => {
  if ('header' in message) header = message.header
  else if (header !== null && 'batch' in message) {
    packBatch(packing, message.batch, header)
    answer({ done: 'batch' })
  } else if (header !== null && 'end' in message) {
    packing.finish(header, message.end)
    answer({ done: 'all' })
  }
})
