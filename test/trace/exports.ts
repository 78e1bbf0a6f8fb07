export { OPCODE_NAMES, type Opcode } from '../../src/dialect/core/opcode.js'
export {
  type FinishedTrace,
  type OpenTrace,
  type Operation,
  openReplay,
  type Trace,
  trace,
} from '../../src/index.js'
