import type { Driven } from '../drive/drive-recording.js'
import { printable } from '../line/text.js'

/** Differences that are shown. */
const MAX_SHOWN = 20

/** What driving came to, for people. */
export function driveText(
  driven: Driven,
  facts: { recording: string; daemon: string; output: string | null },
): string[] {
  const { sent, same, differences, notCompared, notSent, chosen, added, way, source, faults } = driven
  const lines = [
    printable(
      `${facts.daemon} driven without a mount (${way}) by ${facts.recording}: ${sent} requests, ${same} answered the same, ${differences.length} not`,
    ),
  ]
  for (const { index, opcode, path, recorded, driven: now } of differences.slice(0, MAX_SHOWN)) {
    lines.push(printable(`  #${index} ${opcode}${path === null ? '' : ` ${path}`}: ${recorded} then, ${now} now`))
  }
  if (differences.length > MAX_SHOWN) lines.push(`  and ${differences.length - MAX_SHOWN} more`)
  if (source === 'operations')
    lines.push(
      'requests were made from the operations of a log; of answers errors were compared, and what earlier operations make of them',
    )
  if (notCompared > 0) lines.push(`not compared: ${notCompared}, whose outcome the recording does not tell`)
  for (const { opcode, reason, count } of notSent) lines.push(`not sent: ${opcode} (${count}): ${reason}`)
  if (chosen.length > 0) lines.push(`chosen here: ${chosen.map(({ what, count }) => `${what} (${count})`).join(', ')}`)
  if (added.length > 0) {
    lines.push(`sent besides: ${added.map(({ opcode, count }) => `${opcode} (${count})`).join(', ')}, to find nodes`)
  }
  for (const { text, fired } of faults)
    lines.push(`fault ${printable(text)}: ${fired === 0 ? 'not fired' : `fired ${fired} times`}`)
  if (facts.output !== null) lines.push(`its log is in ${printable(facts.output)}`)
  return lines
}
