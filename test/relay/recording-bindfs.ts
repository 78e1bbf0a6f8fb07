import { fusetrace, type Place } from '../live/machine.js'

/** Records a bindfs with these options, at its place. */
export const recordBindfs = (here: Place, ...options: string[]) => {
  const args = [
    '--force',
    '-o',
    here.file('run.fusetrace'),
    '--mountpoint',
    here.mount,
    '--timeout',
    '300000',
    ...options,
  ]
  return fusetrace('record', ...args, '--', 'bindfs', '-d', here.source, here.mount)
}
