import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect } from '../core/dialect.js'
import { linePerRequest } from '../text/line-per-request.js'
import { HEAD, readAccess, TOOK } from './read.js'
import { juicefsSamples } from './samples.js'

const EXPECTED = 'time, ids, operation, arguments in brackets, OK or an error, <seconds>'

/** JuiceFS' access log. */
export const juicefs: Dialect = {
  name: 'juicefs',
  version: 3,
  description:
    "JuiceFS' access log (.accesslog, `juicefs profile`), one line a request at its end: both times, nodes and outcomes, no ids; names stand raw before 1.3, and where two of them could be cut in two ways they are left out (built from its source, without a capture)",
  capabilities: { ...ALL_CAPABILITIES, ids: false, timestamps: 'us' },
  samples: juicefsSamples,
  recognize: (raw) => (HEAD.test(raw.slice(0, 120)) ? (TOOK.test(raw.slice(-24)) ? 2 : 1) : 0),
  explain: (raw) => ({ matched: HEAD.exec(raw.slice(0, 120))?.[0].length ?? 0, expected: EXPECTED }),
  parser: () => linePerRequest(readAccess, (raw) => raw === '#'),
}
