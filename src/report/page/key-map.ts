import type { Key } from './keys.js'
import type { Tab } from './moment.js'
import type { Timeline } from './timeline.js'
import type { VirtualList } from './virtual-list.js'

/** What keys act on. */
export interface Keyed {
  readonly list: VirtualList | null
  readonly timeline: Timeline
  readonly toolbar: { readonly search: HTMLInputElement }
  readonly help: HTMLDialogElement
  showTab(tab: Tab): void
  jump(wanted: 'bad' | 'step' | 'difference', by: 1 | -1): void
  clear(): void
  theme(): void
}

/** What the keys do. */
export function keysOf(app: Keyed): Key[] {
  const tab = (name: '1' | '2' | '3' | '4', which: Tab): Key => ({
    keys: [name],
    shown: name,
    what: `show ${which}`,
    run: () => app.showTab(which),
  })
  const move = (keys: string[], shown: string, what: string, by: (list: VirtualList) => number): Key => ({
    keys,
    shown,
    what,
    run: () => app.list?.move(by(app.list)),
  })
  const end = (key: string, index: (list: VirtualList) => number): Key => ({
    keys: [key],
    shown: key,
    what: key === 'Home' ? 'first row' : 'last row',
    run: () => {
      const { list } = app
      list?.select(index(list), true)
      list?.reveal(index(list))
    },
  })
  const jump = (key: string, what: string, wanted: 'bad' | 'step' | 'difference', by: 1 | -1): Key => ({
    keys: [key],
    shown: key,
    what,
    run: () => app.jump(wanted, by),
  })
  return [
    move(['j', 'ArrowDown'], 'j ↓', 'next row', () => 1),
    move(['k', 'ArrowUp'], 'k ↑', 'previous row', () => -1),
    move(['PageDown', ' '], 'Page ↓', 'a page on', (list) => list.visible - 1),
    move(['PageUp'], 'Page ↑', 'a page back', (list) => -(list.visible - 1)),
    end('Home', () => 0),
    end('End', (list) => list.count - 1),
    jump('e', 'next failure', 'bad', 1),
    jump('E', 'previous failure', 'bad', -1),
    jump(']', 'next step', 'step', 1),
    jump('[', 'previous step', 'step', -1),
    jump('d', 'next difference', 'difference', 1),
    jump('D', 'previous difference', 'difference', -1),
    { keys: ['/'], shown: '/', what: 'search', run: () => app.toolbar.search.focus() },
    { keys: ['Escape'], shown: 'Esc', what: 'leave the field, close details, clear filters', run: () => app.clear() },
    { keys: ['+', '='], shown: '+', what: 'timeline: closer', run: () => app.timeline.zoom(0.6) },
    { keys: ['-'], shown: '−', what: 'timeline: further', run: () => app.timeline.zoom(1 / 0.6) },
    { keys: ['0'], shown: '0', what: 'timeline: all', run: () => app.timeline.reset() },
    { keys: ['ArrowLeft'], shown: '←', what: 'timeline: back', run: () => app.timeline.pan(-0.2) },
    { keys: ['ArrowRight'], shown: '→', what: 'timeline: on', run: () => app.timeline.pan(0.2) },
    tab('1', 'events'),
    tab('2', 'latency'),
    tab('3', 'log'),
    tab('4', 'about'),
    { keys: ['t'], shown: 't', what: 'light, dark, system', run: () => app.theme() },
    { keys: ['?'], shown: '?', what: 'these keys', run: () => app.help.showModal() },
  ]
}
