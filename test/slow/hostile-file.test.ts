import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { namesTheLimit } from '../recording/hostile-file.js'

test('60 million empty lists in a row are one error that names the limit', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fusetrace-hostile-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  await expect(namesTheLimit(dir, '60 million empty lists in a row', 'blockItems')).resolves.toBeUndefined()
})
