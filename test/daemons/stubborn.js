// Does not go for SIGTERM, SIGINT or SIGHUP.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => console.log(`no: ${signal}`))
setInterval(() => undefined, 1000)
console.log('ready')
