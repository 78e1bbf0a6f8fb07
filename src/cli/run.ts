import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { execa } from 'execa'
import { EXIT, FusetraceError } from '../errors.js'
import { MODES, type Mode, settingsFrom } from '../fixture/modes.js'
import { SIGNALS } from './signals.js'

interface RunOptions {
  summary?: boolean
  compare?: boolean
  verify?: boolean
  mode?: Mode
}

/** `fusetrace run`: vitest with a mode set; with `--compare` once without traces and once with them. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run vitest with traces: sets the mode and passes everything after -- on')
    .passThroughOptions()
    .argument('[vitest arguments...]', 'test files, -t NAME, and whatever else vitest takes')
    .option('--summary', 'print a summary of each trace at unmount')
    .option(
      '--verify',
      'replay what is recorded at once, and keep what passes; default in mode record (FUSETRACE_VERIFY=1)',
    )
    // Behind the other: alone it would be on by default, whatever the mode and the environment say.
    .option('--no-verify', 'keep recordings without replaying them once (FUSETRACE_VERIFY=0)')
    .option('--compare', 'run the suite polling (mode off) and with traces, and print both times')
    .addOption(
      new Option('--mode <mode>', 'how tests meet their mounts; default: FUSETRACE, else once (replay in CI)').choices(
        MODES,
      ),
    )
    .addHelpText(
      'after',
      `
Vitest's own options stand after -- or after a test file.

Examples:
  fusetrace run -- test/files.test.ts          replay what is recorded, record what is not
  fusetrace run --mode record -- -t rename     record the tests named rename again
  fusetrace run --compare --summary            what traces save over polling`,
    )
    .action(async (args: string[], options: RunOptions) => {
      const mode = settingsFrom({ ...process.env, ...(options.mode !== undefined && { FUSETRACE: options.mode }) }).mode
      const vitest = findVitest(process.cwd())
      const run = (as: Mode): Promise<Timed> => timed(vitest, args, as, environmentOf(options))
      if (!options.compare) {
        process.exitCode = (await run(mode)).exitCode
        return
      }
      const traced: Mode = mode === 'off' || mode === 'once' ? 'live' : mode
      const polled = await run('off')
      // Interrupted: there is nothing to compare.
      if (polled.exitCode > 128) {
        process.exitCode = polled.exitCode
        return
      }
      const withTraces = await run(traced)
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
      const row = (what: string, { ms, exitCode: code }: Timed): string =>
        `${what.padEnd(18)}${seconds(ms)}${code === 0 ? '' : '  FAILED'}\n`
      process.stdout.write(
        `\n${row('polling (off):', polled)}${row(`traces (${traced}):`, withTraces)}${'ratio:'.padEnd(18)}` +
          // What failed early, or ran out of time, says nothing of what waits cost.
          `${polled.exitCode || withTraces.exitCode ? 'none, not all tests passed' : (polled.ms / withTraces.ms).toFixed(2)}\n`,
      )
      process.exitCode = polled.exitCode || withTraces.exitCode
    })
}

interface Timed {
  exitCode: number
  ms: number
}

/** What the options mean to `fusetrace/vitest`. */
const environmentOf = ({ summary, verify }: RunOptions): Record<string, string> => ({
  ...(summary && { FUSE_TRACE_SUMMARY: '1' }),
  ...(verify !== undefined && { FUSETRACE_VERIFY: verify ? '1' : '0' }),
})

async function timed(
  vitest: string,
  args: readonly string[],
  mode: Mode,
  environment: Readonly<Record<string, string>>,
): Promise<Timed> {
  const begin = performance.now()
  const child = execa(process.execPath, [vitest, 'run', ...args], {
    stdio: 'inherit',
    reject: false,
    env: { FUSETRACE: mode, ...environment },
  })
  // Ctrl-C reaches vitest as well, which ends in order; we are there until it has.
  const onSignal = (name: NodeJS.Signals): void => void (name === 'SIGINT' || child.kill(name))
  for (const name of SIGNALS) process.on(name, onSignal)
  const { exitCode, signal } = await child
  for (const name of SIGNALS) process.off(name, onSignal)
  return {
    exitCode: exitCode ?? (signal ? 128 + (constants.signals[signal] ?? 0) : EXIT.finding),
    ms: performance.now() - begin,
  }
}

/** The vitest of the project that we are called in, else the one beside us. */
function findVitest(directory: string): string {
  for (const from of [join(directory, 'package.json'), import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve('vitest/package.json')
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | { vitest: string } }
      const file = join(dirname(manifest), typeof bin === 'string' ? bin : bin.vitest)
      if (existsSync(file)) return file
    } catch {
      // Not here; try the next.
    }
  }
  throw new FusetraceError('FT_ENVIRONMENT', 'vitest is not installed here', { hint: 'npm install -D vitest' })
}
