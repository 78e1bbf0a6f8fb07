// Reads logs like `[1700000000000000] 12 > mkdir /a b` … `[1700000000000250] 12 < 0`: a request with its id, and its answer
// with an errno name or 0; before both, if the daemon is told to, the time in microseconds since 1970.
const TIME = /^\[(\d{16})\] /
const REQUEST = /^(?:\[\d{16}\] )?(\d{1,15}) > ([a-z]{1,20}) (\/.*)$/s
const REPLY = /^(?:\[\d{16}\] )?(\d{1,15}) < (0|E[A-Z0-9]{1,20})$/

export default {
  name: 'my-dialect',
  version: 1,
  description: 'the example of the documentation: ids, paths and outcomes',
  capabilities: {
    ids: true,
    start: true,
    end: 'reply',
    errno: 'all',
    path: 'all',
    pid: false,
    timestamps: 'us',
    lookupNames: true,
  },
  samples: [
    { lines: '12 > mkdir /a b', events: [{ kind: 'request', unique: 12, opcode: 'mkdir', path: '/a b' }] },
    { lines: '12 < EEXIST', events: [{ kind: 'reply', key: 12, status: 'error', errno: 'EEXIST' }] },
  ],
  recognize: (raw) => (REQUEST.test(raw) || REPLY.test(raw) ? 2 : 0),
  time(raw) {
    const us = TIME.exec(raw)?.[1]
    return us ? { of: 'wall', ns: BigInt(us) * 1000n } : null
  },
  parser: () => ({
    line({ raw, index, atNs }, emit) {
      const lines = [index, index]
      const [, unique, opcode, path] = REQUEST.exec(raw) ?? []
      if (path) emit({ kind: 'request', unique: Number(unique), opcode, path, atNs, lines })
      if (path) return true
      const [, id, outcome] = REPLY.exec(raw) ?? []
      if (!id) return false
      const failed = outcome === '0' ? { status: 'ok', errno: null } : { status: 'error', errno: outcome }
      emit({ kind: 'reply', key: Number(id), endedBy: 'reply', ...failed, atNs, lines })
      return true
    },
    end: () => undefined,
  }),
}
