import { expect, test } from 'vitest'
import { DAEMONS, missing } from '../vfs/daemons.js'
import { lacksUser, runAs } from './other-users.js'

test.for(['root', 'nobody'] as const)(
  'every daemon is driven with /dev/fuse hidden, in the way that the table says, as %s',
  { timeout: 900_000 },
  (user, { skip }) => {
    if (lacksUser(user) !== '') skip(lacksUser(user))
    const results = runAs(user, {}, 'test/vfs/driven.test.ts', 'test/slow/driven.test.ts')
    const failed = results.filter(({ status }) => status === 'failed')
    expect(failed.map(({ name, messages }) => [name, messages])).toEqual([])
    const driven = DAEMONS.filter((daemon) => missing(daemon) === null).map(({ name }) => name)
    const passed = results.filter(({ status }) => status === 'passed').map(({ name }) => name)
    expect(driven.length).toBeGreaterThan(0)
    expect(
      driven.filter((name) => !passed.some((test) => test.startsWith(`${name} is driven without a mount`))),
    ).toEqual([])
  },
)
