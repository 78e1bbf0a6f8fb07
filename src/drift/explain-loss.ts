import type { Draft } from './draft.js'
import type { Loss } from './losses.js'
import type { Shape, Told } from './shape.js'

/** The change of a kind of line is the reason of a loss: it told just that, and does not any more. */
export function explains({ old, now }: Draft['pairs'][number], loss: Loss): boolean {
  if (old === null || !old.opcodes.has(loss.opcode)) return false
  const wanted: readonly Told[] =
    loss.told === null
      ? []
      : loss.told === 'errno'
        ? ['errno', 'status', 'reply']
        : loss.told === 'status'
          ? ['status', 'reply']
          : [loss.told]
  if (loss.code === 'operation-renamed') return old.tells('request') > 0
  return wanted.some((told) => lost(old, now, told))
}

/** What a kind of line told, it tells no more, or far less often. */
export const lost = (old: Shape, now: Shape | null, told: Told): boolean =>
  old.tells(told) > 0 &&
  (now === null || now.tells(told) / Math.max(1, now.count) < (old.tells(told) / old.count) * 0.5)
