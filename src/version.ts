import { readFileSync } from 'node:fs'

/**
 * A file that the package ships, by its path below the package's root. Sources and bundles both lie one level below it.
 *
 * @example packageFile('recordings/demo.fusetrace')
 */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url)
}

const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))

/** The version of this package. */
export const VERSION: string = (manifest as { version: string }).version
