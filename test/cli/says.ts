/** Says how it is run; needs no FUSE. */
export const SAYS = `
import { appendFileSync } from 'node:fs'
import { test } from 'vitest'
const { FUSETRACE, FUSE_TRACE_SUMMARY } = process.env
test('says', () => appendFileSync('said', FUSETRACE + ' ' + FUSE_TRACE_SUMMARY + '\\n'))
test('fails', () => expect(FUSETRACE).not.toBe('replay'))
`
