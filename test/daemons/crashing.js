// Fails at the start, as for a missing branch.
console.error("fuse: bad mount point `/nowhere': No such file or directory")
process.exitCode = Number(process.argv[2] ?? 1)
