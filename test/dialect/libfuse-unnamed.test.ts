import { describe, expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

/** A log of libfuse's example passthrough_ll, which prints what it looks up and makes, and nothing of other requests. */
class LowLevel {
  readonly #lines: string[] = []
  #unique = 0

  constructor() {
    this.request('INIT (26)', 0, 104, 0).ok()
  }

  request(opcode: string, node: number, insize: number, pid = 7): this {
    this.#unique += 2
    return this.line(`unique: ${this.#unique}, opcode: ${opcode}, nodeid: ${node}, insize: ${insize}, pid: ${pid}`)
  }

  line(line: string): this {
    this.#lines.push(line)
    return this
  }

  ok(unique = this.#unique): this {
    return this.line(`   unique: ${unique}, success, outsize: 16`)
  }

  /** Without a node it is not there. */
  lookup(parent: number, name: string, node?: number, pid = 7): this {
    this.request('LOOKUP (1)', parent, 41 + name.length, pid).line(`lo_lookup(parent=${parent}, name=${name})`)
    return node === undefined
      ? this.line(`   unique: ${this.#unique}, error: -2 (No such file or directory), outsize: 16`)
      : this.line(`  ${parent}/${name} -> ${node}`).ok()
  }

  create(parent: number, name: string, node: number): this {
    this.request('CREATE (35)', parent, 57 + name.length).line(`lo_create(parent=${parent}, name=${name})`)
    return this.line(`  ${parent}/${name} -> ${node}`).ok()
  }

  rename(parent: number, bytes: number): this {
    return this.request('RENAME (12)', parent, 50 + bytes).ok()
  }

  unlink(parent: number, bytes: number): this {
    return this.request('UNLINK (10)', parent, 41 + bytes).ok()
  }

  getattr(node: number): this {
    return this.request('GETATTR (3)', node, 56).ok()
  }

  forget(node: number): this {
    return this.request('FORGET (2)', node, 48, 0)
  }

  /** Operations in short, without the lookups. */
  get told(): string[] {
    const { operations } = readLog(this.text)
    return brief(operations.filter(({ opcode }) => !['init', 'lookup', 'forget'].includes(opcode)))
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }
}

describe('names of equal length that a program does not print', () => {
  test('are those that were looked up just before, when the kernel keeps none', () => {
    const log = new LowLevel().lookup(1, 'n1', 11).lookup(1, 'n2', 12).lookup(1, 'n1', 11).lookup(1, 'n2', 12)
    log.lookup(1, 'n2', 12).lookup(1, 'm2').rename(1, 4)
    log.lookup(1, 'm2', 12).lookup(1, 'n1', 11).rename(1, 4)
    log.lookup(1, 'n1', 12).unlink(1, 2).lookup(1, 'm2')
    log.lookup(1, 'm1', 13).lookup(1, 'm3', 14).request('RENAME2 (45)', 1, 62).ok().getattr(14)
    expect(log.told).toEqual([
      'rename /n2 -> /m2',
      'rename /m2 -> /n1',
      'unlink /n1',
      'rename2 /m1 -> /m3',
      'getattr /m1',
    ])
  })

  test('stay unknown when the kernel keeps them, and so does what may have been renamed', () => {
    const log = new LowLevel()
      .create(1, 'n1', 11)
      .create(1, 'n2', 12)
      .create(1, 'long', 13)
      .lookup(1, 'm1')
      .rename(1, 4)
    log.getattr(11).getattr(12).getattr(13)
    // Whatever is looked up again is known again.
    log.lookup(1, 'n2', 12).getattr(12)
    expect(log.told.slice(3)).toEqual(['rename null', 'getattr null', 'getattr null', 'getattr /long', 'getattr /n2'])
  })

  test('below a directory that may have been renamed nothing is known', () => {
    const log = new LowLevel()
    for (const [name, node] of [
      ['d1', 21],
      ['d2', 22],
    ] as const) {
      log.request('MKDIR (9)', 1, 51).line(`lo_mkdir(parent=1, name=${name})`).line(`  1/${name} -> ${node}`).ok()
    }
    log.create(21, 'in', 23).lookup(1, 'd3').rename(1, 4).getattr(23).create(21, 'new', 24)
    log.lookup(1, 'd3', 21).getattr(23)
    expect(log.told.slice(2)).toEqual(['create /d1/in', 'rename null', 'getattr null', 'create null', 'getattr /d3/in'])
  })

  test('are known by the node that the kernel forgets', () => {
    const log = new LowLevel().create(1, 'x', 11).create(1, 'x.tmp', 12).create(1, 'y', 13)
    log.rename(1, 6).forget(11).getattr(12).unlink(1, 1).forget(13).unlink(1, 1).forget(12)
    expect(log.told.slice(3)).toEqual(['rename /x.tmp -> /x', 'getattr /x', 'unlink /y', 'unlink /x'])
  })

  test('stay unknown when two were removed before the kernel forgets either', () => {
    const log = new LowLevel().create(1, 'x', 11).create(1, 'y', 12).unlink(1, 1).unlink(1, 1).forget(12).forget(11)
    expect(log.told.slice(2)).toEqual(['unlink null', 'unlink null'])
  })

  test('are not concluded from lengths once something was renamed nobody knows to what', () => {
    const log = new LowLevel().create(1, 'a1', 11).create(1, 'b2', 12).create(1, 'long', 13).rename(1, 4).unlink(1, 2)
    log.unlink(1, 3).forget(12).unlink(1, 4)
    expect(log.told.slice(3)).toEqual(['rename null', 'unlink null', 'unlink null', 'unlink /long'])
  })
})

describe('requests that threads work on at the same time', () => {
  const two = (): LowLevel =>
    new LowLevel().request('LOOKUP (1)', 1, 43, 7).request('LOOKUP (1)', 1, 43, 8).line('lo_lookup(parent=1, name=d2)')

  test('what was shown of one before its answer is its own', () => {
    const { text } = two().line('  1/d2 -> 22').ok(6).line('lo_lookup(parent=1, name=d1)').line('  1/d1 -> 21').ok(4)
    const { operations } = readLog(text)
    expect(operations.map(({ pid, path }) => [pid, path])).toEqual([
      [0, null],
      [7, '/d1'],
      [8, '/d2'],
    ])
  })

  test('a node goes with the name that it was shown with', () => {
    const log = two().line('lo_lookup(parent=1, name=d1)').line('  1/d1 -> 21').line('  1/d2 -> 22').ok(6).ok(4)
    expect(log.getattr(21).getattr(22).told).toEqual(['getattr /d1', 'getattr /d2'])
  })
})
