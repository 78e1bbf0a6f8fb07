// Writes LINES lines to each stream as fast as they are taken, then ends. Whoever does not read keeps it from ending.
const lines = Number(process.argv[2] ?? 10_000)
const { writeSync } = await import('node:fs')
const say = (fd, text) => {
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}
for (let i = 0; i < lines; i++) {
  say(1, `out ${i} ${'o'.repeat(80)}\n`)
  say(2, `err ${i} ${'e'.repeat(80)}\n`)
}
