import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { clients, clientsOn, directory, has, here, record } from '../clients/suite.js'
import { lacks } from '../live/machine.js'

clientsOn('unionfs-fuse')

const noMount = lacks('bindfs')

test.skipIf(noMount !== '' || !has('go', 'version'))('Go', async () => {
  const module = join(directory, 'go')
  mkdirSync(module)
  copyFileSync(join(clients, 'fusetrace.go'), join(module, 'fusetrace.go'))
  copyFileSync(join(here, 'client_test.go'), join(module, 'client_test.go'))
  writeFileSync(join(module, 'go.mod'), 'module example.test/fusetrace\n\ngo 1.19\n')
  const { code, output } = await record('bindfs', `cd ${module} && go vet . && go test -count=1 .`, {
    GOCACHE: join(directory, 'cache'),
    GOFLAGS: '-mod=mod',
  })
  expect(output).toMatch(/^ok\b/m)
  expect(code).toBe(0)
})

test.skipIf(noMount !== '' || !has('rustc', '--version'))('Rust', async () => {
  const binary = join(directory, 'client')
  const built = await execa(
    'rustc',
    ['--edition', '2021', '--test', '-D', 'warnings', '-o', binary, join(here, 'client_test.rs')],
    { reject: false, all: true },
  )
  expect(built.all).toBe('')
  const { code, output } = await record('bindfs', binary)
  expect(output).toContain('1 passed')
  expect(code).toBe(0)
})
