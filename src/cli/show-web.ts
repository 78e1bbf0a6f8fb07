import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { printable } from '../line/text.js'
import { print, say } from './output.js'
import { reportOf } from './report-page.js'
import { writeText } from './write-text.js'

/** Writes a recording's page to a file of its own, prints its name, and opens it where there is a desktop to open it on. */
export async function showWeb(file: string): Promise<void> {
  const { html } = await reportOf([file])
  // What is recorded may be nobody else's business: the directory is this user's alone.
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-report-'))
  const name = file === '-' ? 'stdin' : basename(file).replace(/\.fusetrace(\.partial)?$/, '')
  const path = join(directory, `${name}.html`)
  writeText(path, html, { force: false })
  print(printable(path))
  if (!(await openInBrowser(path))) say('open it in a browser: there is none here to be opened')
}

/** Opens a file as a desktop does; false where that cannot be. What would open it in this terminal is not asked. */
async function openInBrowser(path: string): Promise<boolean> {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  const opener = process.platform === 'darwin' ? 'open' : DISPLAY || WAYLAND_DISPLAY ? 'xdg-open' : null
  if (opener === null) return false
  const child = spawn(opener, [path], { detached: true, stdio: 'ignore' })
  try {
    await once(child, 'spawn')
    child.unref()
    return true
  } catch {
    return false
  }
}
