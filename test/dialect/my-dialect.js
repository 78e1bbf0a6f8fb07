// Reads logs like `12 > mkdir /a b` … `12 < 0`: a request with its id, and its answer with an errno name or 0.
const REQUEST = /^(\d{1,15}) > ([a-z]{1,20}) (\/.*)$/s
const REPLY = /^(\d{1,15}) < (0|E[A-Z0-9]{1,20})$/

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
    timestamps: null,
    lookupNames: true,
  },
  samples: [
    { lines: '12 > mkdir /a b', events: [{ kind: 'request', unique: 12, opcode: 'mkdir', path: '/a b' }] },
    { lines: '12 < EEXIST', events: [{ kind: 'reply', key: 12, status: 'error', errno: 'EEXIST' }] },
  ],
  recognize: (raw) => (REQUEST.test(raw) || REPLY.test(raw) ? 2 : 0),
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
