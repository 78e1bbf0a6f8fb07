import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GitRepository } from '../../src/cli/git.js'
import { reviewProjectEach } from './review-project.js'

const project = reviewProjectEach()
const around = (): GitRepository => {
  const found = GitRepository.around(project.directory)
  if (!found) throw new Error('no repository')
  return found
}
/** Commits a file for each name. */
function commit(...names: string[]): void {
  project.git('init', '-q')
  for (const name of names) {
    mkdirSync(join(project.directory, name, '..'), { recursive: true })
    writeFileSync(join(project.directory, name), 'as committed\n')
  }
  project.git('add', '.')
  project.git('commit', '-qm', 'first')
}
const change = (name: string): void => writeFileSync(join(project.directory, name), 'changed\n')

test('names are names, not patterns', () => {
  commit('a[bc]/f', 'ab/f', ':(glob)x')
  for (const name of ['a[bc]/f', 'ab/f', ':(glob)x']) change(name)
  const repository = around()
  expect(repository.changes('a[bc]')).toEqual([{ path: 'a[bc]/f', status: 'changed', staged: false }])
  repository.stage(':(glob)x')
  repository.stage('a[bc]/f')
  expect(
    repository
      .changes('.')
      .filter(({ staged }) => staged)
      .map(({ path }) => path),
  ).toEqual([':(glob)x', 'a[bc]/f'])
})

test('nothing is run that a repository names', () => {
  commit('f')
  const spy = join(project.directory, 'spy')
  writeFileSync(spy, `#!/bin/sh\ntouch '${project.directory}/was-run'\n`)
  chmodSync(spy, 0o755)
  project.git('config', 'core.fsmonitor', spy)
  mkdirSync(join(project.directory, '.git/hooks'), { recursive: true })
  writeFileSync(join(project.directory, '.git/hooks/post-index-change'), `#!/bin/sh\nexec '${spy}'\n`)
  chmodSync(join(project.directory, '.git/hooks/post-index-change'), 0o755)
  change('f')
  const repository = around()
  repository.changes('.')
  repository.stage('f')
  expect(existsSync(join(project.directory, 'was-run'))).toBe(false)
})

test('what HEAD holds is saved to a file of its own, for this user alone; nothing is written over', () => {
  commit('f')
  change('f')
  const to = join(project.directory, 'saved')
  around().save('f', to)
  expect([readFileSync(to, 'utf8'), statSync(to).mode & 0o777]).toEqual(['as committed\n', 0o600])
  expect(() => around().save('f', to)).toThrow('EEXIST')
  expect(() => around().save('none', `${to}2`)).toThrow(expect.objectContaining({ code: 'FT_INPUT' }))
})
