import { liveContract } from '../contract/live-contract.js'

liveContract('unionfs-fuse')
