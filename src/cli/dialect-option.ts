import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { closest } from '../closest.js'
import { dialects } from '../dialect/builtin.js'
import { checkDialect } from '../dialect/core/check-dialect.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { FusetraceError } from '../errors.js'
import { packageFile } from '../version.js'

/** Text of the option, the same for every command that has it. */
export const DIALECT_HELP = 'read the log with this dialect: a name (see `fusetrace formats`) or ./my-dialect.js'

/**
 * The dialect that `--dialect` names: a built-in one, or the default export of a JavaScript file, which is held to its own
 * samples before it is used. A value with a `/` or ending in `.js`, `.mjs` or `.cjs` is a file.
 *
 * @throws FT_DIALECT when the name is unknown, the file cannot be imported, or the dialect fails its samples
 * @example
 * const dialect = await resolveDialect('libfuse')
 * const own = await resolveDialect('./my-dialect.js')
 */
export async function resolveDialect(nameOrPath: string): Promise<Dialect> {
  if (!isFile(nameOrPath)) return named(nameOrPath)
  const path = resolve(nameOrPath)
  if (!existsSync(path)) {
    throw new FusetraceError('FT_DIALECT', `there is no dialect file ${nameOrPath}`, {
      hint: 'give the path of a JavaScript file that default-exports a dialect, or a name from `fusetrace formats`',
    })
  }
  const dialect = await load(path, nameOrPath)
  const problems = check(dialect)
  if (problems.length > 0) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    throw new FusetraceError('FT_DIALECT', `the dialect in ${nameOrPath} is not sound: ${problems[0]}${more}`, {
      hint: problems.length > 1 ? `the others: ${problems.slice(1, 4).join('; ')}` : 'correct it and try again',
    })
  }
  return dialect as Dialect
}

const isFile = (value: string): boolean => /[/\\]|\.[cm]?js$/.test(value)

function named(name: string): Dialect {
  const found = dialects.find((dialect) => dialect.name === name)
  if (found) return found
  const near = closest(
    name,
    dialects.map((dialect) => dialect.name),
  )
  const known = dialects.map((dialect) => dialect.name).join(', ')
  throw new FusetraceError('FT_DIALECT', `there is no dialect ${JSON.stringify(name)}`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}? All: ${known}` : `known are: ${known}`,
  })
}

async function load(path: string, shown: string): Promise<unknown> {
  let loaded: { default?: unknown }
  try {
    loaded = await importOffered(pathToFileURL(path).href)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new FusetraceError('FT_DIALECT', `the dialect file ${shown} cannot be loaded: ${why}`, {
      hint:
        (cause instanceof FusetraceError && cause.hint) ||
        'it must be an ES module (a `.mjs` file, or "type": "module" in its package.json) with a default export',
      cause,
    })
  }
  if (loaded.default === undefined) {
    throw new FusetraceError('FT_DIALECT', `the dialect file ${shown} has no default export`, {
      hint: 'end it with `export default { name, version, description, capabilities, samples, recognize, parser }`',
    })
  }
  return loaded.default
}

/** A file that imports `fusetrace` is given this one where no other is installed beside it: a thread of Node's then finds modules for us. */
async function importOffered(url: string): Promise<{ default?: unknown }> {
  try {
    return await import(url)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'fusetrace'")) throw error
    await offerOurselves()
    // What could not be loaded is remembered by its URL.
    return await import(`${url}?offered`)
  }
}

async function offerOurselves(): Promise<void> {
  const { register } = await import('node:module')
  const hook = `export async function resolve(name, context, next) {
    try {
      return await next(name, context)
    } catch (error) {
      if (name !== 'fusetrace') throw error
      return { url: ${JSON.stringify(packageFile('dist/index.js').href)}, shortCircuit: true }
    }
  }`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
}

function check(dialect: unknown): string[] {
  try {
    return checkDialect(dialect)
  } catch (error) {
    return [`its check threw ${error instanceof Error ? error.message : String(error)}`]
  }
}
