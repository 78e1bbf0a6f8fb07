import type { RecordingReader } from '../recording/reader.js'
import { VERSION } from '../version.js'
import { pageAssets } from './page-assets.js'
import { compareForPage } from './page-comparison.js'
import { PAIRS, type PageData } from './page-data.js'
import { pageHtml } from './page-html.js'
import { type CollectOptions, collectRecording } from './page-recording.js'

/** A recording for a report, with how it is to be read. */
export interface Reported extends CollectOptions {
  readonly reader: RecordingReader
}

/** A report, and what is in it. */
export interface Report {
  readonly html: string
  readonly recordings: readonly { readonly name: string; readonly operations: number; readonly lines: number }[]
  /** Pairs of operations that differ, of two recordings; null of others. */
  readonly differences: number | null
}

/**
 * Makes the page of one or several recordings; two are put side by side.
 *
 * @throws {FusetraceError} `FT_ENVIRONMENT` when the package is not whole, `FT_LIMIT` when a recording holds more than is taken
 */
export function makeReport(reported: readonly Reported[]): Report {
  const assets = pageAssets()
  const collected = reported.map(({ reader, ...options }) => collectRecording(reader, options))
  const [a, b] = collected
  const comparison = a && b && collected.length === 2 ? compareForPage(a, b) : null
  const recordings = collected.map(({ page }) => page)
  const data: PageData = { version: VERSION, recordings, comparison }
  const html = pageHtml({
    ...assets,
    title: `${recordings.map(({ name }) => name).join(' ↔ ')} – fusetrace`,
    data: JSON.stringify(data),
    lines: collected.map(({ lines }) => lines),
  })
  const differ = comparison?.kind.filter((kind) => REAL.includes(PAIRS[kind] ?? 'same')).length ?? null
  return {
    html,
    recordings: collected.map(({ page, operations }) => ({
      name: page.name,
      operations: operations.length,
      lines: page.lineCount,
    })),
    differences: differ,
  }
}

/** What makes two runs different ones. */
const REAL: readonly (typeof PAIRS)[number][] = ['outcome', 'only-a', 'only-b']
