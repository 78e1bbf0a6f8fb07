import { isGlob } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { describeMatch, type Match, type OperationMatch, toMatch } from '../engine/match.js'
import { checksOf } from './checks.js'
import { type Check, type EffectState, effectMachine } from './effect.js'

/** An operation that fits has ended, whatever its outcome (ask for `status: 'ok'` to have it succeed). */
export function operation(match: Match): Machine<EffectState> {
  const wanted = toMatch(match)
  const fixed = alone(wanted)
  return effectMachine({
    name: 'operation',
    subject: describeMatch(wanted),
    awaited: `${describeMatch(wanted)} ends`,
    causes: [wanted],
    anyOutcome: true,
    checks: (cause): readonly Check[] => {
      if (cause === null) return fixed
      // A predicate or an outcome that is not success cannot be confirmed by a probe.
      const probeable = wanted.where === undefined && wanted.errno === undefined && onlyOk(wanted)
      return probeable ? checksOf(named(cause, wanted)) : []
    },
  })
}

/** What can be polled for where there is no log: one opcode of one object, and nothing else asked. */
function alone(wanted: OperationMatch): readonly Check[] {
  const { opcode, path, newPath, name, pid, where } = wanted
  if (typeof opcode !== 'string' || where || pid !== undefined || wanted.errno !== undefined || !onlyOk(wanted))
    return []
  return checksOf({ opcode, path: literal(path), newPath: literal(newPath), name: literal(name) })
}

function onlyOk({ status }: OperationMatch): boolean {
  return status === undefined || status === 'ok'
}

/** Names that the log does not show are taken from the match. */
function named(cause: Parameters<typeof checksOf>[0], wanted: OperationMatch): Parameters<typeof checksOf>[0] {
  return {
    opcode: cause.opcode,
    path: cause.path ?? literal(wanted.path),
    newPath: cause.newPath ?? literal(wanted.newPath),
    name: cause.name ?? literal(wanted.name),
  }
}

function literal(wanted: string | RegExp | undefined): string | null {
  return typeof wanted === 'string' && !isGlob(wanted) ? wanted : null
}
