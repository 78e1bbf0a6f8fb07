import { type DialectWriter, stamp } from '../core/writer.js'
import { fuserLine } from '../text/write-fuser.js'

/** fuser through env_logger: requests, and of their ends nothing. */
export const fuserWriter: DialectWriter = {
  request(request) {
    // From 0.17 on the threads of a session say which they are.
    const thread = request.thread === 0 ? '' : ` thread=fuser-${request.thread}`
    return [`[${stamp(request.atNs, 9)}Z DEBUG fuser::request] ${fuserLine(request)}${thread}`]
  },
  reply: () => [],
}
