/**
 * What is wrong with a file of Chrome's trace-event format, by its documentation ("Trace Event Format", the JSON object form) and
 * what Perfetto's importer asks for: events that overlap on a thread without nesting are dropped there.
 */
export function problemsOf(text: string): string[] {
  const problems: string[] = []
  const file = JSON.parse(text) as Record<string, unknown>
  for (const key of Object.keys(file)) {
    if (!['traceEvents', 'displayTimeUnit', 'otherData', 'metadata'].includes(key)) problems.push(`a key ${key}`)
  }
  if (!['ns', 'ms'].includes(String(file.displayTimeUnit))) problems.push('displayTimeUnit is neither ms nor ns')
  const events = file.traceEvents as Record<string, unknown>[]
  const check = new Check(problems)
  for (const [i, event] of events.entries()) {
    const before = problems.length
    check.event(event)
    for (let at = before; at < problems.length; at++)
      problems[at] = `event ${i} ${JSON.stringify(event)}: ${problems[at]}`
  }
  check.end()
  return problems
}

const KEYS: Readonly<Record<string, { need: readonly string[]; may: readonly string[] }>> = {
  X: { need: ['name', 'cat', 'ts', 'dur', 'pid', 'tid'], may: ['args', 'cname', 'tdur', 'tts'] },
  i: { need: ['name', 'ts', 'pid', 'tid', 's'], may: ['cat', 'args'] },
  C: { need: ['name', 'ts', 'pid', 'args'], may: ['tid', 'cat', 'id'] },
  M: { need: ['name', 'pid', 'args'], may: ['tid', 'ts'] },
  s: { need: ['name', 'cat', 'id', 'ts', 'pid', 'tid'], may: ['args'] },
  f: { need: ['name', 'cat', 'id', 'ts', 'pid', 'tid'], may: ['args', 'bp'] },
}

const META: Readonly<Record<string, string>> = {
  process_name: 'name',
  process_labels: 'labels',
  process_sort_index: 'sort_index',
  thread_name: 'name',
  thread_sort_index: 'sort_index',
}

class Check {
  readonly #problems: string[]
  readonly #lastTs = new Map<unknown, number>()
  readonly #slices = new Map<string, { ts: number; end: number }[]>()
  readonly #flows = new Map<string, { ts: number; ended: boolean }>()
  readonly #ends: { thread: string; ts: number; id: unknown }[] = []
  readonly #named = new Set<string>()
  readonly #used = new Set<string>()

  constructor(problems: string[]) {
    this.#problems = problems
  }

  event(event: Record<string, unknown>): undefined {
    const { ph, pid, tid, ts } = event
    const keys = KEYS[String(ph)]
    if (keys === undefined) return this.#say(`no phase ${String(ph)}`)
    for (const key of keys.need) if (!(key in event)) this.#say(`no ${key}`)
    for (const key of Object.keys(event)) {
      if (key !== 'ph' && !keys.need.includes(key) && !keys.may.includes(key)) this.#say(`${key} is none of a ${ph}`)
    }
    if (typeof event.name !== 'string' || event.name === '') this.#say('its name is no text')
    if (!Number.isInteger(pid) || (tid !== undefined && !Number.isInteger(tid))) this.#say('ids are integers')
    if (ph === 'M') return this.#meta(event)
    if (typeof ts !== 'number' || !(ts >= 0)) return this.#say('ts is no time')
    if (ts < (this.#lastTs.get(pid) ?? 0)) this.#say('it is out of order')
    this.#lastTs.set(pid, ts)
    const thread = `${pid} ${tid}`
    if (ph === 'X' || ph === 's' || ph === 'f') this.#used.add(thread)
    if (ph === 'X') this.#slice(thread, ts, event.dur)
    if (ph === 'i' && !['g', 'p', 't'].includes(String(event.s))) this.#say('its scope is none')
    if (ph === 'C') {
      const values = Object.values(event.args as object)
      if (values.length === 0 || !values.every((value) => typeof value === 'number' && value >= 0)) {
        this.#say('a counter counts')
      }
    }
    if (ph === 's' || ph === 'f') this.#flow(event, thread, ts)
  }

  end(): void {
    for (const [id, { ended }] of this.#flows) if (!ended) this.#problems.push(`flow ${id} does not end`)
    for (const thread of this.#used) if (!this.#named.has(thread)) this.#problems.push(`thread ${thread} has no name`)
    for (const { thread, ts, id } of this.#ends) {
      if (!this.#slices.get(thread)?.some((slice) => slice.ts <= ts && ts <= slice.end)) {
        this.#problems.push(`flow ${id} has no slice at ${ts} of thread ${thread}`)
      }
    }
  }

  #meta({ name, pid, tid, args }: Record<string, unknown>): undefined {
    const key = META[String(name)]
    if (key === undefined || !Object.hasOwn(args as object, key)) this.#say('unknown metadata')
    if (name === 'thread_name') this.#named.add(`${pid} ${tid}`)
  }

  #slice(thread: string, ts: number, dur: unknown): undefined {
    if (typeof dur !== 'number' || !(dur >= 0)) return this.#say('dur is no duration')
    const slices = this.#slices.get(thread) ?? []
    const last = slices.at(-1)
    // What is rounded to doubles may touch.
    if (last && ts < last.end - 1e-4) this.#say(`it overlaps with the one before on thread ${thread}`)
    slices.push({ ts, end: ts + dur })
    this.#slices.set(thread, slices)
  }

  #flow({ ph, id, cat, name, bp }: Record<string, unknown>, thread: string, ts: number): undefined {
    const key = `${cat} ${name} ${id}`
    const there = this.#flows.get(key)
    this.#ends.push({ thread, ts, id })
    if (ph === 's') {
      if (there) this.#say(`flow ${key} begins twice`)
      this.#flows.set(key, { ts, ended: false })
    } else {
      if (there === undefined || there.ended || ts < there.ts) return this.#say(`flow ${key} has no begin before it`)
      if (bp !== 'e') this.#say('it is not bound to the slice around it')
      there.ended = true
    }
  }

  #say(problem: string): undefined {
    this.#problems.push(problem)
  }
}
