import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const WRITER = fileURLToPath(new URL('line-writer.js', import.meta.url))

/** The id of the last request that a writer has logged before it says that it is there. */
export const READY = 4000

const reply = (unique) => `unique: ${unique}, success, outsize: 160\n`

/** How long after each reply was written (ns as text, in the writer's words) it was known of (ns). */
export function latencies(written, known) {
  const times = JSON.parse(written.slice(written.indexOf('[')))
  return known.map((at, i) => Number(at - BigInt(times[i])))
}

/** A writer whose stderr is read by a pipe's 'data' events, and that has written all that comes before. */
export async function startWriter() {
  const child = spawn(process.execPath, [WRITER], { stdio: ['ignore', 'pipe', 'pipe'] })
  let written = ''
  let text = ''
  let unique = READY
  child.stdout.on('data', (chunk) => {
    written += chunk
  })
  let wake = () => undefined
  child.stderr.on('data', (chunk) => {
    text = (text + chunk.toString('latin1')).slice(-200)
    wake()
  })
  const answered = () => text.endsWith(reply(unique))
  const answer = async () => {
    while (!answered()) {
      await new Promise((resolve) => {
        wake = resolve
      })
    }
  }
  await answer()
  return {
    /** Has it make a file. */
    ask() {
      unique += 2
      child.kill('SIGUSR1')
    },
    /** Whether the reply is in. */
    answered,
    /** Waits for it. */
    answer,
    /** Ends it; says when it wrote each reply. */
    async end() {
      child.kill('SIGTERM')
      await once(child, 'close')
      return written
    },
  }
}
