import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { captured } from '../drift/captures.js'
import { csvRows } from '../drift/csv.js'
import { original } from '../drift/mutate.js'
import { groupingAccuracy, mined, trueKinds } from '../drift/templates.js'

const CAPTURES = readdirSync(new URL('../captures', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

const row = (name: string, ...figures: (number | string)[]): string =>
  [name.padEnd(32), ...figures.map((one) => (typeof one === 'string' ? one : one.toFixed(3)).padStart(7))].join(' ')

test('kinds of lines of our captures, found without their dialect', () => {
  const short: string[] = []
  for (const capture of CAPTURES) {
    const lines = captured(capture)
    const truth = trueKinds(lines, original(capture).profile.dialect)
    const scored = truth.flatMap((kind, i) => (kind === null ? [] : [i]))
    if (scored.length < 100) continue
    const found = mined(lines.map(({ raw }) => raw))
    const accuracy = groupingAccuracy(
      scored.map((i) => found[i]),
      scored.map((i) => truth[i]),
    )
    console.log(row(capture, accuracy))
    if (accuracy < 0.95) short.push(`${capture}: ${accuracy.toFixed(3)}`)
  }
  expect(short).toEqual([])
})

/** Grouping accuracy of Drain (Zhu et al., Tools and Benchmarks for Automated Log Parsing, 2019). */
const DRAIN: Readonly<Record<string, number>> = {
  HDFS: 0.998,
  Hadoop: 0.948,
  Spark: 0.92,
  Zookeeper: 0.967,
  OpenStack: 0.733,
  BGL: 0.963,
  HPC: 0.887,
  Thunderbird: 0.955,
  Windows: 0.997,
  Linux: 0.69,
  Mac: 0.787,
  Android: 0.911,
  HealthApp: 0.78,
  Apache: 1,
  OpenSSH: 0.788,
  Proxifier: 0.527,
}

/** `LOGHUB=DIR`: a checkout of github.com/logpai/loghub, which is too large to be kept here. */
const { LOGHUB } = process.env

test.skipIf(!LOGHUB || !existsSync(LOGHUB))('Loghub-2k, beside what Drain finds', () => {
  const below: string[] = []
  for (const [name, drain] of Object.entries(DRAIN)) {
    const file = join(LOGHUB ?? '', name, `${name}_2k.log_structured.csv`)
    const [head = [], ...rows] = csvRows(readFileSync(file, 'latin1'))
    const column = (key: string): string[] => rows.map((cells) => cells[head.indexOf(key)] ?? '')
    const accuracy = groupingAccuracy(mined(column('Content')), column('EventId'))
    console.log(row(name, accuracy, drain))
    // As published: three digits.
    if (Math.round(accuracy * 1000 + 1e-9) < Math.round(drain * 1000)) below.push(name)
  }
  expect(below).toEqual([])
})
