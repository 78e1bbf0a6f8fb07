// The build: few files to load, so that a start costs little; types stand beside them (tsc).
import { readFile } from 'node:fs/promises'
import { defineConfig } from 'rolldown'

/** Copied in: the command line pays for each file that it loads, most of all for msgpackr's native part that it has no use for. */
const BUNDLED = /^(?:commander|msgpackr|@oxc-project\/runtime)(?:\/|$)/

/** What reads a recording, and what every command needs, a file each: one more costs a millisecond or two. */
const RECORDING = /node_modules\/msgpackr|src\/(?:errors|version|recording\/(?!writer|target|interpret)\w)/
const COMMAND = /node_modules\/commander|src\/cli\/(?:main|commands|failure|output|show)/

/** Commander loads `child_process` for subcommands that are programs of their own, which we do not have: 10 ms of each start. */
const withoutChildProcess = {
  name: 'commander-without-child-process',
  transform: {
    filter: { id: /commander\/lib\/command\.js$/ },
    handler: (code) => code.replace("require('node:child_process')", '{}'),
  },
}

/** The report's style goes beside its script. */
const style = {
  name: 'style',
  async buildStart() {
    const source = await readFile(new URL('../src/report/page/page.css', import.meta.url), 'utf8')
    this.emitFile({ type: 'asset', fileName: 'report.css', source })
  },
}

/** The report's page: one script for browsers, which is put into each report. */
const page = defineConfig({
  plugins: [style],
  input: { report: 'src/report/page/main.ts' },
  platform: 'browser',
  transform: { target: 'es2022' },
  output: { dir: 'dist/page', format: 'iife', minify: true },
})

const program = defineConfig({
  plugins: [withoutChildProcess],
  input: {
    index: 'src/index.ts',
    vitest: 'src/vitest/index.ts',
    cli: 'src/cli/main.ts',
    client: 'src/serve/client-main.ts',
    'relay-thread': 'src/relay/thread.ts',
  },
  platform: 'node',
  transform: { target: 'node20.19' },
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('\0') && !BUNDLED.test(id),
  resolve: { alias: { msgpackr: new URL('../node_modules/msgpackr/index.js', import.meta.url).pathname } },
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    // White space is a third of what is read at a start; names stay, for stacks.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: {
      groups: [
        { name: 'recording', test: RECORDING },
        { name: 'command', test: COMMAND },
      ],
    },
  },
})

export default [program, page]
