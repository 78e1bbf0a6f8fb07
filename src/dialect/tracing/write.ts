import { stripAnsi } from '../../line/colours.js'
import type { Raw } from '../../line/line.js'
import { isAttribute, isEntry, isRename } from '../core/effects.js'
import { errnoNumber, errnoWords } from '../core/errno.js'
import type { FailedLines } from '../core/failed.js'
import { type DialectWriter, quote, stamp, type WrittenRequest } from '../core/writer.js'
import { fuserLine } from '../text/write-fuser.js'

const rust = (name: Raw): Raw => quote(name, 'rust')

/** `2026-01-01T00:00:00.005000Z DEBUG ThreadId(01) `. */
const head = (atNs: number, level: string, thread: number): Raw =>
  `${stamp(atNs, 6)}Z ${level.padStart(5)} ThreadId(${String(thread + 1).padStart(2, '0')}) `

/** The request's span, names quoted. */
function span({ opcode, nodeId, entry, otherNodeId, otherEntry, xattr, target }: WrittenRequest): Raw {
  const fields = isRename(opcode)
    ? [`parent=${nodeId}`, `name=${rust(entry ?? '')}`, `newparent=${otherNodeId}`, `newname=${rust(otherEntry ?? '')}`]
    : opcode === 'link'
      ? [`ino=${otherNodeId}`, `newparent=${nodeId}`, `newname=${rust(entry ?? '')}`]
      : isEntry(opcode)
        ? [`parent=${nodeId}`, ...(entry === undefined ? [] : [`name=${rust(entry)}`])]
        : [`ino=${nodeId}`]
  if (opcode === 'symlink' && target !== undefined) fields.push(`target=${rust(target)}`)
  if (isAttribute(opcode) && xattr !== undefined) fields.push(`name=${rust(xattr)}`)
  return `fuse::${opcode}{${fields.join(' ')}}: myfs: `
}

/** What a request is about, in words. */
function about(request: WrittenRequest, outcome: 'starts' | 'successful' | 'failed'): Raw {
  const { opcode, path, newPath } = request
  if (newPath !== undefined) return `Renaming ${rust(path)} to ${rust(newPath)} ${outcome}`
  return outcome === 'starts' ? `Starting ${opcode} of path ${rust(path)}` : `${opcode} ${outcome} for ${rust(path)}`
}

/**
 * A Rust program that logs through tracing: fuser's line, and the program's in the request's span, whose end is logged
 * (FmtSpan::CLOSE).
 */
export const tracingWriter: DialectWriter = {
  request(request) {
    const { atNs, thread } = request
    const own = `${head(atNs, 'DEBUG', thread)}fuser::request: ${fuserLine(request)}`
    if (request.opcode === 'forget') return [own]
    return [own, `${head(atNs, 'DEBUG', thread)}${span(request)}${about(request, 'starts')}`]
  },
  reply(request, { atNs, errno }) {
    const { thread } = request
    const words = errno === null ? '' : `: ${errnoWords(errno) ?? errno} (os error ${errnoNumber(errno) ?? 5})`
    const level = errno === null ? 'INFO' : 'ERROR'
    const spent = 'close time.busy=1.00\xc2\xb5s time.idle=1.00\xc2\xb5s'
    return [
      `${head(atNs, level, thread)}${span(request)}${about(request, errno === null ? 'successful' : 'failed')}${words}`,
      `${head(atNs, 'DEBUG', thread)}${span(request)}${spent}`,
    ]
  },
}

/** The last line that says that it went well becomes one that says the opposite; `rewrite` is null for lines of another form. */
const instead =
  (rewrite: (raw: Raw, errno: string) => Raw | null): FailedLines =>
  (lines, errno) => {
    const at = lines.findLastIndex((raw) => /success/i.test(raw))
    const raw = at < 0 ? null : rewrite(lines[at] ?? '', errno)
    return raw === null ? null : lines.map((line, i) => (i === at ? raw : line))
  }

const failure = (errno: string): Raw => `${errnoWords(errno) ?? errno} (os error ${errnoNumber(errno) ?? 5})`

export const tracingFailed: FailedLines = instead((raw, errno) => failedLine(stripAnsi(raw), errno))

export const jsonFailed: FailedLines = instead((raw, errno) => {
  const found = /"message":\s?"((?:[^"\\]|\\.){0,9000})"/.exec(raw)
  if (found === null || !/success/i.test(found[1] ?? '')) return null
  const path = /\\"(?:[^"\\]|\\[^"]){1,9000}\\"/.exec(found[1] ?? '')?.[0]
  const message = `request failed${path === undefined ? '' : ` for ${path}`}: ${failure(errno)}`
  const level = raw.slice(0, found.index).replace(/("level":\s?")(?:TRACE|DEBUG|INFO|WARN)"/, '$1ERROR"')
  return `${level}"message":"${message}"${raw.slice(found.index + found[0].length)}`
})

/** A line that says that a request succeeded, as one that says that it failed, in the same span. Null where it has another form. */
function failedLine(raw: Raw, errno: string): Raw | null {
  const success = raw.toLowerCase().lastIndexOf('success')
  const message = raw.lastIndexOf(': ', success)
  const level = /^(.{0,40}? )(?:TRACE|DEBUG| INFO|INFO| WARN|WARN|ERROR) /.exec(raw)
  if (message < 0 || level === null) return null
  const path = /"(?:[^"\\]|\\.){1,9000}"/.exec(raw.slice(success))?.[0]
  const subject = path === undefined ? '' : ` for ${path}`
  return `${level[1]}ERROR ${raw.slice(level[0].length, message + 2)}request failed${subject}: ${failure(errno)}`
}
