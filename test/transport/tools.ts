import { findProgram } from '../../src/transport/program.js'

/** Whether a program is there. */
export function installed(name: string): boolean {
  return findProgram(name, { path: process.env.PATH ?? '', cwd: process.cwd() }) !== null
}
