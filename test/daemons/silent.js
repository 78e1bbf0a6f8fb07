// Says nothing and runs until it is told to go.
setInterval(() => undefined, 1000)
process.on('SIGTERM', () => process.exit(0))
