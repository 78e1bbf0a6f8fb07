import { expect, test } from 'vitest'
import { requestHeader, requestName } from '../../src/wire/index.js'
import { FakeDaemon } from './fake-daemon.js'

/** What each request was about when it was sent, as `opcode path newPath`. */
async function start(options: ConstructorParameters<typeof FakeDaemon>[0] = {}) {
  const about: string[] = []
  const daemon: FakeDaemon = new FakeDaemon({
    ...options,
    onRequest(bytes) {
      const { path, newPath } = vfs?.subjectOf(bytes) ?? { path: null, newPath: null }
      about.push([requestName(requestHeader(bytes).number), path ?? '-', ...(newPath ? [newPath] : [])].join(' '))
    },
  })
  let vfs: Awaited<ReturnType<FakeDaemon['start']>> | null = null
  vfs = await daemon.start()
  about.length = 0
  return { vfs, about: () => about.splice(0).filter((line) => !line.startsWith('getxattr')) }
}

test('a request is about the name that the stand-in knows its node by', async () => {
  const { vfs, about } = await start()
  await vfs.mkdir('/d', 0o755)
  await vfs.close(await vfs.open('/d/a', 0o102, 0o644))
  about()
  await vfs.rename('/d/a', '/d/b')
  expect(about()).toContain('rename /d/a /d/b')
  const file = await vfs.open('/d/b', 2)
  expect(about()).toContain('open /d/b')
  await vfs.rename('/d', '/e')
  about()
  await vfs.write(file, Buffer.from('x'))
  await vfs.close(file)
  expect(about()).toEqual(['write /e/b', 'flush /e/b', 'release /e/b'])
  await vfs.statfs('/')
  expect(about()).toEqual(['statfs /'])
})

test('what is deleted while it is open keeps its name, until another file takes it', async () => {
  const { vfs, about } = await start()
  const file = await vfs.open('/a', 0o102, 0o644)
  await vfs.unlink('/a')
  about()
  await vfs.write(file, Buffer.from('x'))
  expect(about()).toEqual(['write /a'])
  await vfs.mkdir('/a', 0o755)
  about()
  await vfs.close(file)
  expect(about()).toEqual(['flush -', 'release -', 'forget -'])
})

test('of several names it is the one that was used last', async () => {
  const { vfs, about } = await start()
  await vfs.close(await vfs.open('/a', 0o102, 0o644))
  about()
  await vfs.link('/a', '/b')
  expect(about()).toContain('link /a /b')
  for (const path of ['/a', '/b', '/a']) {
    await vfs.close(await vfs.open(path, 0))
    expect(about()).toEqual([`open ${path}`, `flush ${path}`, `release ${path}`])
  }
})
