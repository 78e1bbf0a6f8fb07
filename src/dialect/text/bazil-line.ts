import type { Raw } from '../../line/line.js'

const HEAD =
  /^(?:<\d>)?(?:\d{4}\/\d\d\/\d\d )?(?:\d\d:\d\d:\d\d(?:\.\d{1,9})? )?(?:\[\d{1,7}\] |[\w./@+-]{1,200}\.go:\d{1,6}: ){0,2}(?:DEBUG|INFO|NOTICE|WARNING|ERROR) {0,2}: /

/** Length of what rclone puts before each of its lines (date, time, level), 0 where there is no such thing. */
export function rcloneHead(raw: Raw): number {
  return HEAD.exec(raw)?.[0].length ?? 0
}

const CALL = /: >?[A-Za-z_]{1,24}:(?: |$)/

/** Whether a line is a call or a return that rclone traces: `/: Lookup: name="a"`, `/: >Lookup: node=<nil>, err=…`. */
export function isRcloneTrace(raw: Raw): boolean {
  const head = rcloneHead(raw)
  return head > 0 && CALL.test(raw.slice(head - 2))
}
