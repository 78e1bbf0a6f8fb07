import { sameWorkloadIsNoDrift } from '../drift/same-workload.js'

sameWorkloadIsNoDrift('bindfs', 3)
sameWorkloadIsNoDrift('unionfs-fuse', 3)
