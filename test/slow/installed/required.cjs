const { openReplay } = require('fusetrace')

const line = (ms, raw) => ({ kind: 'line', atNs: ms * 1e6, stream: 'stderr', raw, terminated: true })

async function main() {
  const session = await openReplay([
    line(1, 'unique: 2, opcode: UNLINK (10), nodeid: 1, insize: 46, pid: 7'),
    line(2, 'unlink /a.txt'),
    line(9, '   unique: 2, success, outsize: 16'),
  ])
  await session.playToEnd()
  console.log(`required, and ${session.monitor.recentOperations().length} operation`)
  await session.close()
}
main()
