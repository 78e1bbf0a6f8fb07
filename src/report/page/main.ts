import type { PageData, PageLines } from '../page-data.js'
import { App } from './app.js'
import { drawn, el, parsed } from './dom.js'
import { Recording } from './recording.js'
import { unpack } from './unpack.js'

/** Opens the report: first what is seen at once, then the log. */
async function main(): Promise<void> {
  const data = JSON.parse(await unpack('data')) as PageData
  const recordings = data.recordings.map((recording) => new Recording(recording))
  const app = new App(recordings, data.comparison)
  document.body.append(app.element)
  app.open()
  document.body.dataset.ready = 'events'
  await drawn()
  await parsed()
  for (const [i, recording] of recordings.entries()) {
    const lines: string[] = []
    for (let n = 0; n < recording.data.lineBlocks; n++) {
      for (const line of (await unpack(`lines${i}-${n}`)).split('\n')) lines.push(line)
    }
    recording.setLines(lines, JSON.parse(await unpack(`line-facts${i}`)) as PageLines)
    app.linesCame(recording)
  }
  document.body.dataset.ready = 'all'
}

main().catch((error: unknown) => {
  document.body.append(el('p', { class: 'problem', role: 'alert' }, `This report cannot be shown: ${String(error)}`))
})
