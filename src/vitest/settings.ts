import { expect } from 'vitest'
import { type Mode, type Settings, settingsFrom } from '../fixture/modes.js'
import { canMount } from '../fixture/open-run.js'

/** What vitest's worker keeps of its configuration. */
interface Worker {
  readonly config?: { readonly snapshotOptions?: { readonly updateSnapshot?: string } }
}

/** The settings of a test: the environment's, unless its options say another mode; `vitest -u` records anew what `once` would replay. */
export function settingsOf(asked: Mode | undefined): Settings {
  const given = settingsFrom({ ...process.env, ...(asked !== undefined && { FUSETRACE: asked }) })
  if (given.mode !== 'once' || !updating() || !canMount()) return given
  return { ...given, mode: 'record', verify: given.verify || process.env.FUSETRACE_VERIFY === undefined }
}

/** Whether snapshots are to be written anew: `vitest -u`, or `u` in watch mode. */
function updating(): boolean {
  const worker = (globalThis as { __vitest_worker__?: Worker }).__vitest_worker__
  const { snapshotState } = expect.getState() as unknown as { snapshotState?: { _updateSnapshot?: string } }
  return (worker?.config?.snapshotOptions?.updateSnapshot ?? snapshotState?._updateSnapshot) === 'all'
}
