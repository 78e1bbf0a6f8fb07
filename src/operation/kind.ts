/**
 * What a request is about: a `node`, or an entry of the directory `nodeId`, whose name then stands for a node (`bind`; for
 * `link` one that had a name before), for none any more (`unbind`), or moves (`rename`).
 */
export type Kind = 'node' | 'entry' | 'bind' | 'link' | 'unbind' | 'rename'

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['lookup', 'bind'],
  ['create', 'bind'],
  ['mkdir', 'bind'],
  ['mknod', 'bind'],
  ['symlink', 'bind'],
  ['link', 'link'],
  ['unlink', 'unbind'],
  ['rmdir', 'unbind'],
  ['rename', 'rename'],
  ['rename2', 'rename'],
  ['tmpfile', 'entry'],
])

export function kindOf(opcode: string): Kind {
  return KINDS.get(opcode) ?? 'node'
}
