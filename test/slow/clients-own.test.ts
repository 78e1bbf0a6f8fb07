import { execa } from 'execa'
import { expect, test } from 'vitest'
import { clients, clientsOn, directory, here, python } from '../clients/suite.js'
import { CLI, lacks } from '../live/machine.js'

clientsOn('bindfs')

test.skipIf(lacks('bindfs') !== '' || python === undefined)(
  'Python, of daemons that the tests start themselves',
  async () => {
    const ran = await execa(
      python ?? '',
      ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--basetemp=${directory}/own`, `${here}test_own_daemon.py`],
      {
        reject: false,
        all: true,
        env: {
          PYTHONPATH: clients,
          PYTHONDONTWRITEBYTECODE: '1',
          FUSETRACE_PROGRAM: `${process.execPath} ${CLI}`,
          FUSETRACE_SOCKET: '',
        },
      },
    )
    expect(ran.all).toContain('4 passed')
    expect(ran.exitCode).toBe(0)
  },
)

test.skipIf(python === undefined)('Python, of a monitor that answers nothing, or nonsense', async () => {
  const ran = await execa(python ?? '', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `${here}test_answers.py`], {
    reject: false,
    all: true,
    env: { PYTHONPATH: clients, PYTHONDONTWRITEBYTECODE: '1' },
  })
  expect(ran.all).toContain('3 passed')
})
