import { decode, printable } from '../../line/text.js'
import type { Mark, MonitorView } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import { describeEnd, type Machine } from '../engine/machine.js'
import type { OperationMatch } from '../engine/match.js'
import { type Miss, nearestMisses } from './nearest.js'

export interface Explanation {
  readonly text: string
  readonly hint: string
}

export interface ExplainInput {
  readonly machine: Pick<Machine<unknown>, 'name' | 'subject' | 'awaited' | 'wanted' | 'successOnly'>
  readonly monitor: MonitorView
  readonly mark: Mark
  readonly beginNs: number
  /** One line: what ended it. */
  readonly reason: string
  readonly trace: 'log' | 'undecided' | 'none'
  /** There is no log, on purpose. */
  readonly off: boolean
  readonly describeDaemon?: (() => string) | undefined
  readonly unanswered?: (() => number) | undefined
  readonly remark?: string | undefined
}

const LAST_LINES = 4
const MAX_OPEN = 4
const WIDTH = 160
const LOOK_BACK = 2000

/** Why a wait has not been satisfied, in at most about 25 lines, safe to print. */
export function explain(input: ExplainInput): Explanation {
  const { machine, monitor, mark, beginNs } = input
  const misses = machine.wanted
    ? nearestMisses(monitor, mark, machine.wanted, { successOnly: machine.successOnly === true })
    : []
  const open = monitor.openOperations()
  const lines = monitor.recentLines(LAST_LINES)
  const hint = advice(input, misses)
  const out = [
    clip(`${titleOf(machine)}: ${input.reason}`),
    clip(`  awaited: ${machine.awaited}`),
    `  since:   mark '${printable(mark.name)}' at ${seconds(mark.atNs)} (line ${mark.line} of ${monitor.lineCount}); called at ${seconds(beginNs)}, now ${seconds(monitor.clock.nowNs())}`,
  ]
  const forgotten = monitor.forgottenSince(mark)
  if (forgotten > 0) {
    out.push(
      `  history: begins after this mark; ${forgotten} starts and ends were let go, and cannot satisfy it any more`,
    )
  }
  if (misses.length > 0) {
    out.push('  nearest misses:')
    for (const { operation, reasons } of misses) out.push(clip(`    ${brief(operation)} — ${reasons.join(', ')}`))
  } else if (machine.wanted) out.push('  nearest misses: none')
  if (open.length > 0) {
    out.push('  still open:')
    const now = monitor.clock.nowNs()
    for (const operation of open.slice(-MAX_OPEN)) {
      out.push(clip(`    ${brief(operation)}, for ${((now - operation.startNs) / 1e6).toFixed(1)} ms`))
    }
    if (open.length > MAX_OPEN) out.push(`    and ${open.length - MAX_OPEN} more`)
  }
  if (lines.length > 0) {
    out.push('  last lines:')
    for (const line of lines)
      out.push(clip(`    ${seconds(line.atNs)} ${line.stream}: ${printable(decode(line.raw).text)}`))
  }
  out.push(clip(`  daemon:  ${daemon(input)}`), clip(`  try:     ${hint}`))
  // Whole: it may hold a command.
  if (input.remark !== undefined) out.push(`  or:      ${printable(input.remark)}`)
  return { text: out.join('\n'), hint }
}

/** `fileVisible /a.txt` */
export function titleOf(machine: Pick<Machine<unknown>, 'name' | 'subject'>): string {
  return machine.subject === '' ? machine.name : `${machine.name} ${printable(machine.subject)}`
}

/** `#12 create /b.txt ok` */
export function brief(operation: Operation): string {
  const parts = [`#${operation.id}`, printable(operation.opcode)]
  if (operation.path !== null) parts.push(printable(operation.path))
  if (operation.newPath !== null) parts.push('→', printable(operation.newPath))
  if (operation.name !== null) parts.push(printable(operation.name))
  if (operation.status !== 'unfinished') parts.push(printable(operation.errno ?? operation.status))
  return parts.join(' ')
}

function daemon({ monitor, describeDaemon }: ExplainInput): string {
  const parts: string[] = []
  const described = describeDaemon?.()
  if (described) parts.push(printable(described))
  else if (monitor.state === 'running') parts.push('running')
  if (monitor.lostReason !== null) parts.push(`mount lost: ${printable(monitor.lostReason)}`)
  if (!described && (monitor.state === 'ended' || monitor.exit !== null)) parts.push(describeEnd(monitor.exit))
  return parts.join('; ')
}

function advice(input: ExplainInput, misses: readonly Miss[]): string {
  const { machine, monitor, trace, off, mark } = input
  const [nearest] = misses
  if (monitor.state === 'running' && monitor.openOperations().length === 0 && (input.unanswered?.() ?? 0) > 0)
    return 'requests wait for the daemon, which does not take them: see what it hangs on'
  if (off) return 'waits only poll here: use a mode with a trace to learn more'
  if (monitor.lineCount === 0) {
    return 'nothing was logged at all: turn the daemon’s debug log on (-d, RUST_LOG=debug) and keep it in the foreground, or read the kernel’s events (--kernel, as root)'
  }
  if (trace !== 'log') return 'the log is not understood: see `fusetrace formats`, or give the dialect by name'
  if (monitor.state === 'lost') return 'see why the daemon died; its last lines are above'
  if (nearest?.kind === 'before') {
    return `#${nearest.operation.id} came before the mark '${printable(mark.name)}': act within the step, or pass an earlier mark as since`
  }
  if (nearest?.kind === 'fits' && machine.successOnly) {
    return `#${nearest.operation.id} is what is meant: see whether the mount answers, and what it shows there`
  }
  if (nearest?.kind === 'open')
    return 'the daemon has begun it and not ended it: see what it hangs on, or raise timeoutMs'
  if (nearest?.kind === 'failed')
    return `see why #${nearest.operation.id} failed (${nearest.operation.errno ?? 'unknown error'})`
  if (nearest?.reasons.some((reason) => reason.startsWith('other path')) && nearest.distance < 2) {
    return `is ${printable(nearest.operation.path ?? '')} what is meant? Paths are below the mountpoint`
  }
  const meant = belowMountpoint(machine.wanted, monitor)
  if (meant !== null) return `is ${printable(meant)} what is meant? Paths are below the mountpoint`
  if (monitor.state === 'ended') return 'see why the daemon ended before it did this'
  if (monitor.capabilities?.end === 'inferred' && (misses.length === 0 || nearest?.kind === 'unknown')) {
    return 'does the daemon log it at this level? Log more (RUST_LOG=debug); with span events (FmtSpan::CLOSE) ends are logged too'
  }
  if (machine.wanted && misses.length === 0)
    return 'was the request made at all? The kernel’s caches answer some without the daemon'
  return 'look at all operations with `fusetrace show`, or raise timeoutMs'
}

/** What is wanted by a whole path, as if below `/` and not below the mountpoint: the path that the log has of it. */
function belowMountpoint(wanted: readonly OperationMatch[] | undefined, monitor: MonitorView): string | null {
  const paths = (wanted ?? []).flatMap(({ path }) => (typeof path === 'string' ? [path] : []))
  const seen = monitor.recentOperations(LOOK_BACK).findLast(({ path }) => {
    return path !== null && path !== '/' && paths.some((whole) => whole !== path && whole.endsWith(path))
  })
  return seen?.path ?? null
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(6)} s`
}

/** One line, safe to print. */
function clip(line: string): string {
  const text = printable(line)
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`
}
