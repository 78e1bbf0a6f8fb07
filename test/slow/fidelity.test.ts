import { asksWhatLinuxAsks } from '../vfs/asks.js'

asksWhatLinuxAsks((name) => name !== 'bindfs')
