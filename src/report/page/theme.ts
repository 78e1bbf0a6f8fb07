/** Colours and font of what is drawn, as the style has them. */
export interface Theme {
  readonly text: string
  readonly dim: string
  readonly line: string
  readonly tick: string
  readonly faint: string
  readonly operation: string
  readonly bad: string
  readonly wait: string
  readonly call: string
  readonly step: string
  readonly band: string
  readonly accent: string
  readonly small: string
}

/** Reads them off the page, as the scheme of the moment has them. */
export function readTheme(): Theme {
  const root = document.documentElement
  const style = getComputedStyle(root)
  // A property of its own keeps both colours; only where one is used is it decided.
  const probe = root.appendChild(document.createElement('i'))
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const theme = {
    text: colour('text'),
    dim: colour('dim'),
    line: colour('line'),
    tick: colour('tick'),
    faint: colour('faint'),
    operation: colour('operation'),
    bad: colour('bad'),
    wait: colour('wait'),
    call: colour('call'),
    step: colour('step'),
    band: colour('band'),
    accent: colour('accent'),
    small: `11px ${style.getPropertyValue('--sans')}`,
  }
  probe.remove()
  return theme
}

const ORDER = ['system', 'light', 'dark'] as const

/** The next of light, dark and what the system has; kept for this page only. */
export function nextTheme(): string {
  const root = document.documentElement
  const now = ORDER.indexOf((root.dataset.theme ?? 'system') as 'system')
  const next = ORDER[(now + 1) % ORDER.length] ?? 'system'
  if (next === 'system') delete root.dataset.theme
  else root.dataset.theme = next
  return next
}
