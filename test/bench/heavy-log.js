import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A capture of each dialect, by its folder in test/captures. */
export const CAPTURES = {
  tracing: 'mergerfs-rs-trace-nocolor',
  'tracing-json': 'mergerfs-rs-v-json-nocolor',
  'tracing-pretty': 'mergerfs-rs-v-pretty-nocolor',
  libfuse: 'libfuse3-passthrough-d',
  fuser: 'fuser-simple-debug',
  'go-fuse': 'gocryptfs-fusedebug',
  rclone: 'rclone-vv-debugfuse',
  bazil: 'bazil-loopback-debug',
  jacobsa: 'jacobsa2026-memfs-debug',
  mergerfs: 'mergerfs242-d',
}

/** How a dialect writes a request's id; ids count on from one repetition to the next. */
const IDS =
  /(FUSE\(\s*)(\d+)(?=\))|(unique: )(\d+)|((?:rx|tx) )(\d+)(?=:)|(\[ID=0x)([0-9a-f]+)|(Op 0x)([0-9a-f]+)|(unique=0x)([0-9A-Fa-f]+)/g

/**
 * A log as heavy as a long run: the lines of a capture again and again, request ids counted on.
 * @returns {Promise<{ file: string, lines: number, bytes: number }>}
 */
export async function heavyLog(lines, capture = CAPTURES.tracing) {
  const url = new URL(`../captures/${capture}/log.tsv.gz`, import.meta.url)
  const rows = gunzipSync(readFileSync(url))
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t').slice(2).join('\t'))
  const file = join(mkdtempSync(join(tmpdir(), 'fusetrace-bench-')), 'heavy.log')
  const out = createWriteStream(file)
  let bytes = 0
  let offset = 0
  for (let written = 0; written < lines; ) {
    let most = 0
    for (const raw of rows) {
      if (written++ === lines) break
      const line = Buffer.from(
        `${raw.replace(IDS, (whole, ...groups) =>
          count(whole, groups, offset, (id) => {
            most = Math.max(most, id)
          }),
        )}\n`,
        'latin1',
      )
      bytes += line.length
      if (!out.write(line)) await once(out, 'drain')
    }
    offset += most
  }
  out.end()
  await once(out, 'finish')
  return { file, lines, bytes }
}

function count(whole, groups, offset, onId) {
  const at = groups.findIndex((group, i) => i % 2 === 0 && group !== undefined && i < 12)
  const [head, digits] = [groups[at], groups[at + 1]]
  const base = at >= 6 ? 16 : 10
  const id = Number.parseInt(digits, base)
  if (!Number.isSafeInteger(id) || id > 1e9) return whole
  onId(id)
  return (
    head +
    (id + offset)
      .toString(base)
      .padStart(digits.length, base === 16 ? '0' : ' ')
      .toUpperCase()
      .replace(/[A-F]/g, (x) => (/[a-f]/.test(digits) ? x.toLowerCase() : x))
  )
}
