import type { Raw } from '../../line/line.js'
import { withoutBlanks } from '../text/text.js'
import type { Layer } from './layer.js'

/** Quoted in a mail, a comment, a diff, a failed assertion of pytest. */
const QUOTE = /^(?:(?:[>|#*+-]|\/\/) ?|E {3}){1,8}/
/** Indented, before a time: no log's own but tracing's pretty form. */
const INDENTED_TIME = /^[ \t]{1,80}(?=\d{4}[-/.]\d\d[-/.]|\d\d:\d\d:\d\d)/

/**
 * What somebody put before a line of a log that is known by a word anywhere: the line is known with it too, but others of the
 * log, or the second line of a name, are not. Null where there is nothing.
 */
export function pastedBefore(raw: Raw): Layer | null {
  const before = (QUOTE.exec(raw) ?? INDENTED_TIME.exec(raw))?.[0]
  return before === undefined ? null : literal(before)
}

/** How somebody may have pasted a line, made for a line that shows it, the likeliest first. */
export function pastedLayers(raw: Raw): Layer[] {
  const layers: Layer[] = []
  // Lines have indentations of their own: the smallest that fits is what was put before all of them.
  const indent = /^[ \t]{1,80}/.exec(raw)?.[0] ?? ''
  for (const own of [4, 3, 2, 0]) if (indent.length > own) layers.push(literal(indent.slice(0, indent.length - own)))
  const quote = QUOTE.exec(raw)?.[0] ?? ''
  // A diff's mark has no blank behind it.
  const [first, second] = /^[+-]/.test(quote) ? [quote.trimEnd(), quote] : [quote, quote.trimEnd()]
  if (quote !== '') layers.push(literal(first), literal(second))
  const mark = /^["'`]/.exec(raw)?.[0]
  if (mark !== undefined) layers.push(enclosed(mark))
  if (TAGS_BEFORE.test(raw) || TAGS_BEHIND.test(raw)) layers.push(tags)
  const end = endingOf(raw) ?? /(?:,|(?<!&[#\w]{1,8});)$/.exec(raw)?.[0]
  if (end !== undefined) layers.push(ending(end))
  return layers
}

const TAG =
  '</?(?:a|b|i|u|s|p|br|em|li|td|tr|tt|div|font|code|kbd|pre|samp|span|strong|blockquote)(?: [^<>]{0,80})? ?/?>'
const FORUM = '\\[/?(?:b|i|u|s|code|quote|font|size|color|list|mono|\\*)(?:=[^\\]]{0,60})?\\]'
/** Of HTML, of a forum, of Markdown: `<p>`, `[B]`, `**`. */
const TAGS = `(?:${TAG}|${FORUM}|\\*\\*)`
const TAGS_BEFORE = new RegExp(`^${TAGS}{1,8}`, 'i')
const TAGS_BEHIND = new RegExp(`${TAGS}{1,8}$`, 'i')
/** Marks of emphasis before and behind a line. */
export const tags: Layer = (raw) => ({ raw: raw.replace(TAGS_BEFORE, '').replace(TAGS_BEHIND, '') })

/**
 * What other programs end every line with, a daemon's seldom one: `cat -A`, a table, a logger's fields, a tag, a padding,
 * the rest of a terminal's line erased or the colour ended, the place in a test, another system's end of a line. Null where there is
 * none.
 */
export function endingOf(raw: Raw): string | null {
  const varying = VARYING.find(([, pattern]) => pattern.test(raw))
  if (varying) return varying[0]
  const field = FIELD.exec(raw)?.[1]
  if (field !== undefined) return field
  // A line in a colour whose own begin is coloured as well; else the end of the colour is its own.
  const found = ENDING.exec(raw) ?? TAGS_BEHIND.exec(raw) ?? (TWO_COLOURS.test(raw) ? COLOURS_END.exec(raw) : null)
  return found?.[0] ?? null
}
const ENDING =
  /(?:[\0\v\f]|\xc2\x85|\xe2\x80[\xa8\xa9]|\$| \|| \[\] \[\]|\\n?|[ \t]|(?:\x1b\[[0-9;]{0,16}m){0,4}\x1b\[K| \([\w-]{1,60}\.\w{1,4}:\d{1,6}\)| {2}\([\w.-]{1,60}\))$/

/** logrus on a terminal fills a message up to a width and puts its fields behind it: which part of the program wrote it. */
const FIELD = / ( (?:source|component|module|pkg|package|prefix|logger|subsystem|service|app)=[\w./:-]{1,40})$/

const TWO_COLOURS = /^(?:\x1b\[[0-9;]{0,16}m){2}/
const COLOURS_END = /(?:\x1b\[[0-9;]{0,16}m){1,4}$/

/** Endings that differ from line to line, each with one text that stands for all. A group is what stays. */
const VARYING: readonly (readonly [text: string, pattern: RegExp])[] = [
  // Node's `debug`: how long ago the line before was
  [' +0ms', / (?:\x1b\[[0-9;]{0,16}m\+\d{1,6}(?:ms|s|m|h|d)\x1b\[0m|\+\d{1,6}(?:ms|s|m|h|d))$/],
  // zap on a terminal: its fields as JSON, behind a time, a level and a message
  ['\t{}', /^([^\t]{1,240}\t.*)\t\{"(?!timestamp")[^{}]{1,400}\}$/],
  // logrus and zerolog on a terminal: their fields, each name in a colour
  ['\x1b[=', /(?: {1,200}\x1b\[\d{1,2}m[\w.-]{1,60}(?:\x1b\[0m=|=\x1b\[0m)(?:"[^"]{0,100}"|[^\s\x1b"]{1,100})){1,8}$/],
  // `aws logs get-log-events`: when the service took it
  ['\t0', /\t\d{13}$/],
]

/** The same text behind each line; blanks as many as there are, times as they are. */
export function ending(text: string): Layer {
  const varying = VARYING.find(([name]) => name === text)?.[1]
  if (varying) return (raw) => ({ raw: raw.replace(varying, (_, stays) => (typeof stays === 'string' ? stays : '')) })
  if (text === ' ' || text === '\t') return trailingBlanks
  // A table's cells are filled up, and logrus' messages.
  if (text === ' |' || text.includes('=')) {
    return (raw) => ({ raw: raw.endsWith(text) ? withoutBlanks(raw.slice(0, -text.length)) : raw })
  }
  return (raw) => ({ raw: raw.endsWith(text) ? raw.slice(0, raw.length - text.length) : raw })
}

/** A line feed's other half. */
export const carriageReturn: Layer = (raw) => ({ raw: raw.endsWith('\r') ? raw.slice(0, -1) : raw })

const trailingBlanks: Layer = (raw) => ({ raw: withoutBlanks(raw) })

/** What a terminal acts on and does not show: colours, the rest of a line erased, a set of characters, a title, a link. */
const ESCAPE = '\\x1b(?:\\[[0-9;]{0,16}[mK]|\\([AB0]|\\][^\\x07\\x1b]{0,400}(?:\\x07|\\x1b\\\\))'
const ESCAPES_AROUND = new RegExp(`^(?:\\r|${ESCAPE})+|(?:${ESCAPE}){1,8}$`, 'g')
const ESCAPES = new RegExp(ESCAPE, 'g')
const IN_ONE_COLOUR = new RegExp(`^(?:\\r|${ESCAPE}){1,4}[^\\x1b]+(?:${ESCAPE}){1,8}$`)

/** Colours that another program has put around lines. At an end a few: a pattern tries each of a long run as the first. */
export const colours: Layer = (raw) => ({ raw: raw.replace(ESCAPES_AROUND, '') })

/** A colour from a line's begin to its end, and none within: no line's own. */
export const wholeColour: Layer = (raw) => (IN_ONE_COLOUR.test(raw) ? colours(raw) : null)

/** All colours: the prefix has some of its own. */
export const noColours: Layer = (raw) => ({ raw: raw.replace(ESCAPES, '') })

/** The first colour alone: what follows may be the line's own. */
export const outerColour: Layer = (raw) => ({ raw: raw.replace(/^\x1b\[[0-9;]{0,16}m/, '') })

/** An indentation or a quoting mark; lines that are empty may lack its blanks. */
function literal(text: Raw): Layer {
  const short = text.trimEnd()
  return (raw) => {
    if (raw.startsWith(text)) return { raw: raw.slice(text.length) }
    return short !== '' && raw === short ? { raw: '' } : null
  }
}

/** Each line between quotation marks, as in a list of a language or of a chat. */
export function enclosed(mark: string): Layer {
  return (raw) => {
    const end = raw.endsWith(',') ? raw.length - 1 : raw.length
    return end > 1 && raw.startsWith(mark) && raw[end - 1] === mark ? { raw: raw.slice(1, end - 1) } : null
  }
}
