import { el } from './dom.js'
import type { Filter } from './filter.js'
import type { Recording } from './recording.js'

const FIELDS = ['opcode', 'path', 'errno', 'pid'] as const
const HINTS = { opcode: '', path: '/dir/**', errno: 'any', pid: '' } as const

/** Values of a column that are offered while one types. */
const MAX_OFFERED = 200

export interface ToolbarOptions {
  readonly recordings: readonly Recording[]
  onFilter(filter: Filter): void
}

/** Search and filters. */
export class Toolbar {
  readonly element: HTMLElement
  readonly search: HTMLInputElement
  readonly #fields: Readonly<Record<(typeof FIELDS)[number], HTMLInputElement>>
  readonly #own: HTMLInputElement = el('input', { type: 'checkbox', id: 'own' })
  readonly #options: ToolbarOptions

  constructor(options: ToolbarOptions) {
    this.#options = options
    this.search = el('input', {
      type: 'search',
      id: 'q',
      placeholder: 'Search ( / )',
      'aria-label': 'search',
      spellcheck: 'false',
      autocomplete: 'off',
    })
    const made = FIELDS.map((name) => [name, field(name)] as const)
    this.#fields = Object.fromEntries(made) as Record<(typeof FIELDS)[number], HTMLInputElement>
    const offers = (['opcode', 'errno', 'pid'] as const).map((name) => offered(name, options.recordings))
    const anyOwn = options.recordings.some(({ data }) => data.operations.own !== undefined)
    const clear = el('button', { type: 'button', class: 'quiet', onclick: () => this.clear() }, 'Clear')
    const filters = el(
      'details',
      { class: 'filters', open: innerWidth >= 900 },
      el('summary', {}, 'Filter'),
      ...made.map(([name, input]) => el('label', {}, el('span', {}, name), input)),
      anyOwn && el('label', { class: 'check' }, this.#own, 'fusetrace’s own'),
      clear,
    )
    this.element = el('form', { class: 'toolbar', role: 'search' }, this.search, filters, ...offers)
    this.element.addEventListener('input', () => this.#notify())
    this.element.addEventListener('submit', (event) => event.preventDefault())
  }

  get filter(): Filter {
    const { opcode, path, errno, pid } = this.#fields
    return {
      q: this.search.value,
      opcode: opcode.value,
      path: path.value,
      errno: errno.value,
      pid: pid.value,
      own: this.#own.checked,
    }
  }

  /** Shows a filter that came from elsewhere. */
  set(filter: Filter): void {
    this.search.value = filter.q
    for (const name of FIELDS) this.#fields[name].value = filter[name]
    this.#own.checked = filter.own
  }

  clear(): void {
    this.set({ q: '', opcode: '', path: '', errno: '', pid: '', own: false })
    this.#notify()
  }

  /** Puts one value in, as if it had been typed. */
  choose(name: 'opcode' | 'errno' | 'pid', value: string): void {
    this.#fields[name].value = value
    this.#notify()
  }

  #notify(): void {
    this.#options.onFilter(this.filter)
  }
}

const field = (name: (typeof FIELDS)[number]): HTMLInputElement =>
  el('input', {
    id: name,
    list: name === 'path' ? null : `${name}s`,
    placeholder: HINTS[name],
    spellcheck: 'false',
    autocomplete: 'off',
  })

function offered(name: 'opcode' | 'errno' | 'pid', recordings: readonly Recording[]): HTMLDataListElement {
  const counts = new Map<string, number>()
  for (const recording of recordings) {
    for (let i = 0; i < recording.count; i++) {
      const value =
        name === 'pid' ? String(recording.pid(i)) : name === 'opcode' ? recording.opcode(i) : recording.errno(i)
      if (value !== '' && value !== '-1') counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_OFFERED)
  return el('datalist', { id: `${name}s` }, ...sorted.map(([value]) => el('option', { value })))
}
