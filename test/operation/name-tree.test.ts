import { describe, expect, test } from 'vitest'
import { type Entry, NameTree, newEntry } from '../../src/operation/name-tree.js'

/** The entry of a path, made with the directories on the way; the last one names a node, so that it stays. */
function make(tree: NameTree<string>, path: string): Entry<string> {
  const place = tree.walk(path, true)
  if (!place) throw new Error('the root is there already')
  const entry = newEntry(place.directory, place.name)
  entry.node = path
  tree.put(entry)
  return entry
}

describe('a tree of names', () => {
  test('a path follows every move above it', () => {
    const tree = new NameTree<string>()
    const file = make(tree, '/a/b/c')
    const directory = file.parent?.parent as Entry<string>
    expect(tree.pathOf(file)).toBe('/a/b/c')
    tree.move(directory, { directory: make(tree, '/x'), name: 'y' })
    expect([tree.pathOf(file), tree.walk('/a/b/c', false)]).toEqual(['/x/y/b/c', undefined])
  })

  test('a removed entry keeps its path until another has its name', () => {
    const tree = new NameTree<string>()
    const removed = make(tree, '/f')
    make(tree, '/g')
    tree.remove(removed)
    expect(tree.pathOf(removed)).toBe('/f')
    make(tree, '/f')
    expect(tree.pathOf(removed)).toBeNull()
  })

  test('a detached directory has no path, nor has what is below it; both come back with it', () => {
    const tree = new NameTree<string>()
    const file = make(tree, '/d/f')
    const directory = file.parent as Entry<string>
    tree.detach(directory)
    expect([tree.pathOf(directory), tree.pathOf(file)]).toEqual([null, null])
    tree.move(directory, { directory: tree.root, name: 'e' })
    expect(tree.pathOf(file)).toBe('/e/f')
  })

  test('directories without a node of their own go with the last name below them', () => {
    const tree = new NameTree<string>()
    const file = make(tree, '/a/b/c')
    tree.remove(file)
    expect(tree.root.children?.size).toBe(0)
  })

  test('empty pieces and dots of a path are no names', () => {
    const tree = new NameTree<string>()
    const file = make(tree, '//a/./b/')
    expect([tree.pathOf(file), tree.walk('/./', false)]).toEqual(['/a/b', null])
  })
})
