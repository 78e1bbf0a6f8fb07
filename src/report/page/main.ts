import type { PageData } from '../page-data.js'
import { App } from './app.js'
import { breathe, el } from './dom.js'
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
  for (const [i, recording] of recordings.entries()) {
    await breathe()
    const text = await unpack(`lines${i}`)
    recording.lines = recording.data.linesHeld === 0 ? [] : text.split('\n')
    app.linesCame(recording)
  }
  document.body.dataset.ready = 'all'
}

main().catch((error: unknown) => {
  document.body.append(el('p', { class: 'problem', role: 'alert' }, `This report cannot be shown: ${String(error)}`))
})
