import type { Comparison } from '../drift/findings/finding.js'
import { printable, printableLines } from '../line/text.js'

/** One recording's check. */
export interface Checked {
  file: string
  comparison: Comparison
  /** Findings that make it fail. */
  failed: boolean
}

/** Checks as JUnit XML: a test case for each recording, a failure where it drifted. */
export function junit(checks: readonly Checked[]): string {
  const failures = checks.filter(({ failed }) => failed).length
  const cases = checks.map(({ file, comparison, failed }) => {
    const open = `  <testcase classname="fusetrace.check" name="${escapeXml(printable(file))}"`
    if (comparison.findings.length === 0) return `${open}/>`
    const text = comparison.findings
      .map(({ severity, code, title, consequence, waits, old, new: now }) =>
        printableLines(
          [
            `${severity} ${code}: ${title}`,
            ...(old ? [`- ${printable(old.text)}`] : []),
            ...(now ? [`+ ${printable(now.text)}`] : []),
            consequence,
            ...waits.map((wait) => wait.text),
          ].join('\n'),
        ),
      )
      .join('\n\n')
    const first = comparison.findings[0]
    const body = failed
      ? `    <failure type="${escapeXml(first?.code ?? '')}" message="${escapeXml(printable(first?.title ?? ''))}">${escapeXml(text)}</failure>`
      : `    <system-out>${escapeXml(text)}</system-out>`
    return `${open}>\n${body}\n  </testcase>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="fusetrace check" tests="${checks.length}" failures="${failures}" errors="0" skipped="0">\n${cases.join('\n')}\n</testsuite>\n`
}

/** XML 1.0 has no way at all to write most control characters and lone surrogates: they are shown as `\xNN`. */
function escapeXml(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;')
}
