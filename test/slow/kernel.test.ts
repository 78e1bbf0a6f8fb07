import { kernelConfirms } from '../live/kernel-confirms.js'

kernelConfirms((name) => name !== 'bindfs')
