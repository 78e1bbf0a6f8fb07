// The build: few files to load, so that a start costs little; types stand beside them (tsc).

import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { defineConfig } from 'rolldown'

/**
 * Copied in: every start pays for each file that it loads (execa and what it needs are a hundred), most of all for msgpackr's native
 * part that it has no use for.
 */
const BUNDLED = /^(?:commander|msgpackr|execa|@oxc-project\/runtime)(?:\/|$)/
/** A module of such a package, whose own imports are copied in as well; msgpackr's native part is not. */
const WITHIN = /\/node_modules\/(?!msgpackr)/

/**
 * What reads a recording, and what every command needs, a file each: one more costs a millisecond or two. A group takes along all
 * that its modules need: one that writes, or knows the wire, must not be among them.
 */
const RECORDING =
  /node_modules\/msgpackr\/unpack|src\/(?:errors|version|recording\/(?:byte-source|describe-call|footer|format|header|journal-\w+|kernel-codec|limits|own-requests|pause|reader|row|row-\w+|unpack|validate|wait-codec|packed\/(?!packing|block|line-columns|\w+-writer))\b)/
/** What commands and the library both need: the library is not to load commander for it. */
const SHARED =
  /src\/(?:wire\/(?:messages|opcodes)\.|closest|known-keys|dialect\/core\/(?:errno|opcode)|wait\/engine\/match|operation\/(?:duration|json)|report\/(?:duration|format)\.)/
const COMMAND = /node_modules\/commander|src\/cli\/(?:main|commands|failure|output|show|show-parts)\./

/** Commander loads `child_process` for subcommands that are programs of their own, which we do not have: 10 ms of each start. */
const withoutChildProcess = {
  name: 'commander-without-child-process',
  transform: {
    filter: { id: /commander\/lib\/command\.js$/ },
    handler: (code) => code.replace("require('node:child_process')", '{}'),
  },
}

/** The licences of what is copied in, beside it. */
const licences = {
  name: 'licences',
  generateBundle(_, bundle) {
    const packages = new Map()
    for (const id of Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? [])) {
      const directory = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]
      if (directory === undefined || packages.has(directory)) continue
      const { name, version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'))
      const file = readdirSync(directory).find((one) => /^licen[cs]e/i.test(one))
      const text = file === undefined ? `License: ${license}` : readFileSync(`${directory}/${file}`, 'utf8').trim()
      packages.set(directory, `${name} ${version}\n\n${text}\n`)
    }
    const source = [...packages.values()].sort().join(`\n${'-'.repeat(80)}\n\n`)
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source })
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

const msgpackr = (file) => new URL(`../node_modules/msgpackr/${file}`, import.meta.url).pathname

const program = defineConfig({
  plugins: [withoutChildProcess, licences],
  input: {
    index: 'src/index.ts',
    vitest: 'src/vitest/index.ts',
    cli: 'src/cli/main.ts',
    'relay-thread': 'src/relay/thread.ts',
  },
  platform: 'node',
  transform: { target: 'node20.19' },
  external: (id, importer) =>
    !id.startsWith('.') &&
    !id.startsWith('/') &&
    !id.startsWith('\0') &&
    !BUNDLED.test(id) &&
    (isBuiltin(id) || !WITHIN.test(importer ?? '')),
  // Its two halves apart: what its own exports give Node is both of them, and a native part.
  resolve: { alias: { 'msgpackr/pack': msgpackr('pack.js'), 'msgpackr/unpack': msgpackr('unpack.js') } },
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
        { name: 'shared', test: SHARED },
        { name: 'command', test: COMMAND },
      ],
    },
  },
})

/** What a shell calls again and again: one file of its own, that loads no other. */
const client = defineConfig({
  input: { client: 'src/serve/client-main.ts' },
  platform: 'node',
  transform: { target: 'node20.19' },
  output: { dir: 'dist', format: 'esm', minify: program.output.minify, codeSplitting: false },
})

/** What packs many rows: loaded by a thread of its own. */
const packer = defineConfig({
  input: { 'packing-thread': 'src/recording/packing-thread.ts' },
  platform: 'node',
  transform: { target: 'node20.19' },
  resolve: program.resolve,
  output: { dir: 'dist', format: 'esm', minify: program.output.minify, codeSplitting: false },
})

export default [program, client, packer, page]
