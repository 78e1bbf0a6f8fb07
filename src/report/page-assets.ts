import { readFileSync } from 'node:fs'
import { FusetraceError } from '../errors.js'
import { packageFile } from '../version.js'
import type { PageAssets } from './page-html.js'

/**
 * Reads the page's script and style, which the build makes of `page/`.
 *
 * @throws {FusetraceError} `FT_ENVIRONMENT` where they are not
 */
export function pageAssets(): PageAssets {
  try {
    const [script, style] = ['js', 'css'].map((end) => readFileSync(packageFile(`dist/page/report.${end}`), 'utf8'))
    return { script: script ?? '', style: style ?? '' }
  } catch (error) {
    throw new FusetraceError('FT_ENVIRONMENT', `the report's page is not there: ${(error as Error).message}`, {
      hint: 'install fusetrace anew, or run `npm run build` in its sources',
      cause: error,
    })
  }
}
