#!/usr/bin/env node
// What is called again and again from a shell loads nothing but itself; the rest is in dist/cli.js.
const [, , command, ...args] = process.argv
const CLIENT = /^(?:wait|mark|step|fence|operations|stop)$/
const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args

if (args.length === 0 && /^(?:--version|-V)$/.test(command)) {
  const { readFileSync } = await import('node:fs')
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${manifest.version}\n`)
} else if (CLIENT.test(command) && !own.some((arg) => /^(?:-h|--help)$/.test(arg))) {
  await import('../dist/client.js')
} else {
  const { main } = await import('../dist/cli.js')
  await main(process.argv)
}
