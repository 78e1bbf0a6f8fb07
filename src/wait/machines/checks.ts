import type { Operation } from '../../operation/operation.js'
import type { Check } from './effect.js'

export const exists = (path: string): Check => ({
  question: { probe: 'exists', path },
  confirms: (value) => value === true,
})

export const absent = (path: string): Check => ({
  question: { probe: 'exists', path },
  confirms: (value) => value === false,
})

export const directory = (path: string): Check => ({
  question: { probe: 'isDirectory', path },
  confirms: (value) => value === true,
})

/** Present, and of this value (raw bytes) where one is asked for. */
export const attribute = (path: string, name: string, value?: string): Check => ({
  question: { probe: 'xattr', path, name },
  confirms: (found) => found !== null && found !== false && (value === undefined || found === value),
})

export const noAttribute = (path: string, name: string): Check => ({
  question: { probe: 'xattr', path, name },
  confirms: (found) => found === null || found === false,
})

/** The looks that confirm that an operation is done; none where it leaves nothing to be seen. */
export function checksOf(operation: Pick<Operation, 'opcode' | 'path' | 'newPath' | 'name'>): readonly Check[] {
  const { opcode, path, newPath, name } = operation
  switch (opcode) {
    case 'create':
    case 'mknod':
    case 'symlink':
      return path === null ? [] : [exists(path)]
    case 'mkdir':
      return path === null ? [] : [directory(path)]
    case 'unlink':
    case 'rmdir':
      return path === null ? [] : [absent(path)]
    case 'link':
      return newPath === null ? [] : [exists(newPath)]
    case 'rename':
    case 'rename2':
      return path === null || newPath === null ? [] : [exists(newPath), absent(path)]
    case 'setxattr':
      return path === null || name === null ? [] : [attribute(path, name)]
    case 'removexattr':
      return path === null || name === null ? [] : [noAttribute(path, name)]
    default:
      return []
  }
}
