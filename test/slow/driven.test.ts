import { CORE, DAEMONS } from '../vfs/daemons.js'
import { isDriven, isDrivenByPerl } from '../vfs/driving.js'

for (const daemon of DAEMONS) if (!CORE.has(daemon.name)) isDriven(daemon)

// One for each way but the first: a descriptor (libfuse 3), Go.
for (const daemon of DAEMONS) if (['fuse-overlayfs', 'gocryptfs'].includes(daemon.name)) isDrivenByPerl(daemon)
