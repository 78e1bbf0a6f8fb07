import { expect, test } from 'vitest'
import { Spin } from '../../src/relay/spin.js'

const LOOKUP = 1
const FORGET = 2

test('the next message is awaited awake for a moment after one', () => {
  const spin = new Spin()
  spin.request(LOOKUP)
  spin.passed(0)
  expect(spin.wanted(50_000)).toBe(true)
  expect(spin.wanted(70_000)).toBe(false)
})

test('not while several requests are in flight, nor for those that are not answered', () => {
  const spin = new Spin()
  spin.request(LOOKUP)
  spin.request(LOOKUP)
  spin.passed(0)
  expect(spin.wanted(1)).toBe(false)
  spin.reply(2n)
  spin.request(FORGET)
  spin.passed(2)
  expect(spin.wanted(3)).toBe(true)
})

test('where messages come later it is tried less and less often, until one has come in time', () => {
  const spin = new Spin()
  let tried = 0
  let nowNs = 0
  const sleep = () => {
    spin.request(LOOKUP)
    spin.passed(nowNs)
    if (spin.wanted(nowNs)) tried++
    spin.reply(2n)
    nowNs += 1_000_000
    expect(spin.wanted(nowNs)).toBe(false)
  }
  for (let i = 0; i < 1000; i++) sleep()
  expect(tried).toBeLessThan(20)
  // Sooner or later it is tried again; then one comes while it is awaited.
  while (!spin.wanted(nowNs)) spin.passed(nowNs)
  spin.passed(nowNs + 10)
  expect(spin.wanted(nowNs + 20)).toBe(true)
})

test('a request that is never answered counts until nothing has come for long', () => {
  const spin = new Spin()
  spin.request(LOOKUP)
  spin.request(LOOKUP)
  spin.slept()
  spin.request(LOOKUP)
  spin.passed(0)
  expect(spin.wanted(1)).toBe(true)
})
