import type { Finding } from '../drift/findings/finding.js'
import { printable } from '../line/text.js'

const COMMAND = { breaks: 'error', degrades: 'warning', cosmetic: 'notice' } as const

/** A finding as a workflow command of GitHub Actions, which shows it at the file. */
export function annotation(file: string, finding: Finding): string {
  const waits = finding.waits.slice(0, 5).map((wait) => wait.text)
  const lines = finding.old || finding.new ? [`- ${finding.old?.text ?? ''}`, `+ ${finding.new?.text ?? ''}`] : []
  const message = [`${finding.title}. ${finding.consequence}`, ...waits, ...lines]
    .map((text) => printable(text))
    .join('\n')
  return `::${COMMAND[finding.severity]} file=${property(printable(file))},title=${property(`fusetrace ${finding.code}`)}::${data(message)}`
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
