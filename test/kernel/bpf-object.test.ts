import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { chooseAvailable } from '../../src/kernel/bpf-available.js'
import { explainLacking } from '../../src/kernel/bpf-lacking.js'
import { BPF_OBJECT } from '../../src/kernel/bpf-start.js'

const script = fileURLToPath(new URL('../../src/kernel/build-bpf.sh', import.meta.url))
const version = /version (\d+)/.exec(spawnSync('clang', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1]
const headers = spawnSync('test', ['-e', '/usr/include/bpf/bpf_helpers.h']).status === 0
/** Another compiler makes another object of the same source. */
const lacking =
  version === '14' && headers ? '' : version === '14' ? 'no libbpf-dev' : `clang ${version ?? 'none'}, not 14`

test.skipIf(lacking)(`the object is what its source compiles to (${lacking || 'with clang 14'})`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bpf-'))
  try {
    const out = join(directory, 'fuse.bpf.o')
    const built = spawnSync('sh', [script, out], { encoding: 'utf8' })
    expect(built.stderr).toBe('')
    expect(readFileSync(out).equals(readFileSync(BPF_OBJECT))).toBe(true)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('the object holds no path of the machine that it was compiled on', () => {
  expect(readFileSync(BPF_OBJECT).toString('latin1')).not.toMatch(/\/(?:home|root|tmp|work|usr)\//)
})

test('the tracepoint that shows taken requests is preferred to the function; without either there is none', () => {
  const all = ['btf_trace_fuse_request_sent', 'fuse_copy_args', 'fuse_queue_forget']
  const of = (names: string[], functions = true): readonly string[] =>
    chooseAvailable((name) => names.includes(name), functions).optional
  expect(of(all)).toEqual(['request_sent', 'queue_forget'])
  expect(of(all.slice(1))).toEqual(['copy_args', 'queue_forget'])
  expect(of(all, false)).toEqual(['request_sent'])
  expect(of([])).toEqual([])
})

test('what is missing is said with what to install', () => {
  expect(explainLacking('koffi', 0, "Cannot find module 'koffi'").hint).toContain('npm install koffi')
  expect(explainLacking('libbpf', 0, 'libbpf.so.1: cannot open').hint).toContain('libbpf1')
  expect(explainLacking('load', 1, 'bpf_object__load').hint).toContain('CAP_BPF')
  expect(explainLacking('attach', 3, 'bpf_program__attach').hint).toContain('BTF')
})
