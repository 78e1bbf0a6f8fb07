import { describe, expect, test } from 'vitest'
import { InodeTable, type Place } from '../../src/operation/inode-table.js'

function bind(table: InodeTable, id: string, parent: string, name: string): void {
  const place = table.place(parent, name, true)
  if (place) table.bind(id, place, true)
}

describe('the inode table', () => {
  test('a path comes from the names on the way to the root', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'd')
    bind(table, '3', '2', 'e')
    bind(table, '4', '3', 'f')
    expect([table.path('1'), table.path('4'), table.path('9')]).toEqual(['/', '/d/e/f', null])
  })

  test('a renamed directory takes along what is below it', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'd')
    bind(table, '3', '2', 'f')
    bind(table, '4', '1', 'x')
    table.rename({ ...need(table.place('1', 'd')) }, need(table.place('4', 'e')))
    expect(table.path('3')).toBe('/x/e/f')
    expect(table.idAt('/d')).toBeNull()
  })

  test('a node that is lost has no path, nor has what is below it, until it is found again', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'd')
    bind(table, '3', '2', 'in')
    bind(table, '4', '1', 'other')
    table.lose('2')
    table.lose('9')
    expect([table.path('2'), table.path('3'), table.path('4'), table.idAt('/d')]).toEqual([null, null, '/other', null])
    bind(table, '2', '1', 'e')
    expect([table.path('2'), table.path('3')]).toEqual(['/e', '/e/in'])
  })

  test('exchange swaps two names with all that is below them', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'a')
    bind(table, '3', '2', 'in')
    bind(table, '4', '1', 'b')
    table.rename(need(table.place('1', 'a')), need(table.place('1', 'b')), true)
    expect([table.path('2'), table.path('3'), table.path('4')]).toEqual(['/b', '/b/in', '/a'])
  })

  test('a hard link shows the name that still lives', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'a')
    bind(table, '2', '1', 'b')
    table.unbind(need(table.place('1', 'b')))
    expect(table.path('2')).toBe('/a')
  })

  test('a deleted open file keeps its last name until another file takes it', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'a')
    table.unbind(need(table.place('1', 'a')))
    expect(table.path('2')).toBe('/a')
    bind(table, '3', '1', 'a')
    expect([table.path('2'), table.path('3')]).toEqual([null, '/a'])
  })

  test('a forgotten node has no path, its id may be used again, and its memory is given back', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'd')
    bind(table, '3', '2', 'f')
    table.forget('2')
    expect([table.path('2'), table.path('3')]).toEqual([null, '/d/f'])
    bind(table, '2', '1', 'other')
    expect(table.path('2')).toBe('/other')
    table.forget('3')
    table.forget('2')
    expect(table.size).toBe(1)
    expect(table.placeAt('/d/f')).toBeNull()
  })

  test('a counted forget lets go when all lookups are given back', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'a')
    bind(table, '2', '1', 'a')
    table.forget('2', 1)
    expect(table.path('2')).toBe('/a')
    table.forget('2', 1)
    expect(table.path('2')).toBeNull()
  })

  test('what hangs on a directory of unknown path gets its path when that becomes known', () => {
    const table = new InodeTable()
    bind(table, '7', '5', 'x')
    expect(table.path('7')).toBeNull()
    table.bind('5', need(table.placeAt('/some/dir', true)))
    expect(table.path('7')).toBe('/some/dir/x')
  })

  test('a directory cannot be moved into itself', () => {
    const table = new InodeTable()
    bind(table, '2', '1', 'd')
    bind(table, '3', '2', 'e')
    table.rename(need(table.place('1', 'd')), need(table.place('3', 'x')))
    bind(table, '2', '3', 'loop')
    expect(table.path('3')?.length).toBeLessThan(100)
  })
})

function need<T>(value: T | null): T {
  if (value === null) throw new Error('not there')
  return value
}

test('where nothing shows what was forgotten, the oldest files are, and directories keep their names', () => {
  const table = new InodeTable(10)
  const place = (parent: string, name: string): Place => table.place(parent, name, true) as Place
  table.bind('2', place('1', 'd'))
  for (let i = 0; i < 100; i++) table.bind(String(100 + i), place('2', `f${i}`))
  expect(table.size).toBeLessThanOrEqual(11)
  expect(table.path('2')).toBe('/d')
  expect(table.path('199')).toBe('/d/f99')
  expect(table.path('100')).toBeNull()
})
