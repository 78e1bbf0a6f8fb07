import type { Raw } from '../../line/line.js'

/** A field of a span: its name, and its value without quotes and escapes where it had some. */
export type Field = readonly [key: string, value: Raw]

/** The span of a request, `fuse::create{parent=1 name=a.txt}`. The same object for as long as the log repeats it. */
export interface RequestSpan {
  /** The kernel's name. */
  readonly opcode: string
  /** The kernel's id, where the program puts it into the span. */
  readonly unique?: number
  /** Its fields as the log writes them: they distinguish one request from another. */
  readonly text: Raw
  fields(): readonly Field[]
}

export const LEVELS: readonly Raw[] = ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']
/** Places in `LEVELS`; 0 where the log shows none. */
export const WARN = 4
export const ERROR = 5

/** One event of tracing's, whatever format it was written in. */
export interface TracingEvent {
  atNs: number
  /** First and last line. */
  from: number
  to: number
  /** What the log calls the thread; empty where it shows none. */
  thread: Raw
  level: number
  target: Raw
  /** Where in the source it comes from, as far as the log shows. */
  site: Raw
  /** The message, with the event's own fields. */
  message: Raw
  /** The outermost span of a request that it happened in. */
  span: RequestSpan | null
  /** The name of the innermost span below that, empty when there is none. */
  inner: Raw
  /** The fields of that innermost span as they stand. */
  innerFields: Raw
}

/** `new`, `enter`, `exit` and `close` of the span itself, when the subscriber is configured to log them; else null. */
export function spanEvent(message: Raw): 'new' | 'enter' | 'exit' | 'close' | null {
  switch (message.charCodeAt(0)) {
    case 110: // n
      return message === 'new' ? 'new' : null
    case 101: // e
      return message === 'enter' ? 'enter' : message === 'exit' ? 'exit' : null
    case 99: // c
      return message === 'close' || message.startsWith('close time.busy=') || message.startsWith('close, time.busy: ')
        ? 'close'
        : null
    default:
      return null
  }
}

/** The lines of an event as the assembler wants them. */
export const linesOfEvent = ({ from, to }: TracingEvent): readonly [number, number] => [from, to]
