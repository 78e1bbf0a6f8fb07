#!/usr/bin/env node
// The version alone loads nothing else.
if (process.argv.length === 3 && /^(?:--version|-V)$/.test(process.argv[2])) {
  const { readFileSync } = await import('node:fs')
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${manifest.version}\n`)
} else {
  const { main } = await import('../dist/cli.js')
  await main(process.argv)
}
