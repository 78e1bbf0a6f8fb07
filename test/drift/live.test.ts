import { sameWorkloadIsNoDrift } from './same-workload.js'

sameWorkloadIsNoDrift('bindfs', 2)
