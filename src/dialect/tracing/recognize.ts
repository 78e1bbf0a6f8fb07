import type { Raw } from '../../line/line.js'
import { readFuserRequest } from '../text/fuser-request.js'
import { uncolour } from './ansi.js'
import { noHeader, readHeader } from './header.js'
import { chainAt, identifiedOpcode, requestOpcode } from './names.js'
import { readTail, spanEnds, Tails } from './spans.js'

const LAYOUT = { lines: 0, withTarget: 0, withFile: 0 }

/** 2 for a request's span or fuser's request line behind tracing's header, 1 for such a header alone. */
export function recognizeTracing(raw: Raw): 0 | 1 | 2 {
  const text = raw.charCodeAt(0) === 27 ? uncolour(raw) : raw
  const header = noHeader()
  if (text.startsWith('  ') && uptimeWidth(text) !== 4) return 0
  if (!readHeader(text, header) && !text.startsWith('fuse::')) return 0
  const span = spanStart(text, header.at, header.level > 0)
  if (span >= 0 || identifiedSpan(text, header.at)) return 2
  const fuse = text.indexOf('FUSE(', header.at)
  if (
    fuse > 0 &&
    /(?:\b|_)fuser?(?:::\w+){0,4}: (?:[^ ]{1,400}:\d+: )?$/.test(text.slice(Math.max(0, fuse - 460), fuse))
  ) {
    return readFuserRequest(text, fuse) ? 2 : 1
  }
  return header.level > 0 ? 1 : 0
}

/**
 * How wide the seconds of an uptime at the line's begin are, spaces and all; 0 where there is none. The subscriber fills
 * them up to four, and the pretty format puts two spaces before.
 */
export function uptimeWidth(text: Raw): number {
  const seconds = /^( {0,5}\d{1,12})\.\d{1,9}s? /.exec(text.slice(0, 40))?.[1]
  return seconds?.length ?? 0
}

/** Where the request's span begins, -1 when there is none. */
function spanStart(text: Raw, from: number, timed: boolean): number {
  const at = text.indexOf('fuse::', from)
  if (at < 0 || at - from > 400 || text.slice(from, at).includes(': ')) return -1
  const chain = chainAt(text, at)
  if (chain === null || chain.names.every((name) => requestOpcode(name) === null)) return -1
  if (chain.brace) return at
  // Without a target the span must follow time and level at once.
  return readTail(text, chain.end + 1).target === '' && !(timed && at === from) ? -1 : at
}

/** A request's span with the kernel's id, among the first. */
function identifiedSpan(text: Raw, from: number): boolean {
  const found = /^[^"]{0,200}?(?:^|[ :])([a-z_0-9]{3,20})\{(?=_?(?:req|unique))/.exec(text.slice(from, from + 240))
  return found !== null && identifiedOpcode(found[1] ?? '', text.slice(from + found[0].length, from + 280)) !== null
}

/** How far a line fits, for a caret. */
export function explainTracing(raw: Raw): { matched: number; expected: string } {
  const header = noHeader()
  if (!readHeader(raw, header)) return { matched: 0, expected: 'a time stamp or a level' }
  const at = raw.indexOf('fuse::', header.at)
  if (at < 0) {
    const { target, length } = readTail(raw, header.at)
    return {
      matched: target === '' ? header.at : header.at + length,
      expected: 'a span fuse::<opcode>{…} or a request line of fuser’s',
    }
  }
  const chain = chainAt(raw, at)
  if (chain === null || chain.names.every((name) => requestOpcode(name) === null)) {
    return { matched: at + 6, expected: 'the name of a request' }
  }
  if (chain.brace && spanEnds(raw, chain.end + 1, LAYOUT, 1, new Tails()).length === 0) {
    return { matched: chain.end + 1, expected: 'fields and }: target: ' }
  }
  return { matched: raw.length, expected: 'the end of the line' }
}
