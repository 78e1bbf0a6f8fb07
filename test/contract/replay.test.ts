import type { Row } from '../../src/recording/row.js'
import { ReplaySession } from '../../src/replay/replay-session.js'
import { rows, tiny } from '../replay/tiny.js'
import { type Action, type ContractStep, sessionContract } from './session-contract.js'

/** What a daemon would log. */
function log(action: Action): string[] {
  const path = `/${action[1]}`
  if (action[0] === 'rename') return [`rename ${path} /${action[2]}`]
  if (action[0] !== 'writeFile') return [`${action[0]} ${path}`]
  return ['create', 'write', 'flush', 'release'].map((opcode) => `${opcode} ${path}`)
}

function recorded(steps: readonly ContractStep[]): Row[] {
  let unique = 2
  const script = ['rung spawned', 'rung mountinfo', 'rung device', 'rung answered']
  for (const { name, actions } of steps) {
    script.push(`step ${name}`)
    for (const request of actions.flatMap(log)) {
      unique += 2
      script.push(`> ${unique} ${request}`, `< ${unique} ok`)
    }
    script.push(`end ${name}`, 'after 500')
  }
  return rows([...script, 'rung unmounted', 'exit 0'].join('\n'))
}

const perform = (): Promise<void> => Promise.resolve()

sessionContract('replay', async (steps) => ({
  session: new ReplaySession(recorded(steps), null, { dialect: tiny }),
  perform,
}))

for (const seed of [1, 2, 3]) {
  sessionContract(`replay with seed ${seed}`, async (steps) => ({
    session: new ReplaySession(recorded(steps), null, { dialect: tiny, seed }),
    perform,
  }))
}
