import { expect, onTestFinished, test } from 'vitest'
import { faultTests } from '../relay/fault-tests.js'
import { lacksRelay } from '../relay/machine.js'

const lacking = lacksRelay('bindfs')

test.skipIf(lacking)(`faults of fuseTest({ wire: true }) without a mount (${lacking || 'bindfs'})`, async () => {
  const mine = faultTests()
  onTestFinished(() => mine.remove())
  const { tests } = await mine.run(['-t', 'an error|a gate|not fired'], { FUSETRACE: 'wire' })
  for (const name of ['an error instead', 'a gate'])
    expect([name, tests[name]]).toEqual([name, { state: 'passed', messages: '' }])
  expect(tests['not fired']?.messages).toContain('not fired: error EIO at a mkdir')
  expect(mine.left()).toEqual([])
})
