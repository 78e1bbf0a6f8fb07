/** The caller's span, as W3C Trace Context writes it. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly flags: number
}

/** Reads `00-<trace>-<span>-<flags>`; null for what is not of that form, which is then to be ignored. */
export function readTraceParent(text: string): TraceParent | null {
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text.trim())
  if (!found) return null
  const [, version, traceId = '', spanId = '', flags = '', more] = found
  // Of a later version more may follow; of this one nothing.
  if (version === 'ff' || (version === '00' && more !== undefined)) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  return { traceId, spanId, flags: Number.parseInt(flags, 16) }
}
