import { INIT } from './flags.js'

/** What a kernel and a daemon have agreed on in INIT, as far as it shapes their messages. */
export interface Protocol {
  /** The minor version that both speak: the smaller one of the two. */
  readonly minor: number
  /** The flags that both set: `flags` and, above bit 31, `flags2`. */
  readonly flags: bigint
  /** The byte order of the machine that the messages are from. */
  readonly endianness: 'LE' | 'BE'
}

/** The newest minor version that the table knows. */
export const NEWEST_MINOR = 45

/** The newest version with no flags: what holds until INIT is answered. */
export const BEFORE_INIT: Protocol = { minor: NEWEST_MINOR, flags: 0n, endianness: 'LE' }

interface Offer {
  readonly minor: number
  readonly flags: number
  readonly flags2: number
}

/** All flags of an INIT request or reply; `flags2` counts only where bit 30 says that it is there. */
export function initFlags(offer: Pick<Offer, 'flags' | 'flags2'>): bigint {
  const low = BigInt(offer.flags)
  return low & INIT.INIT_EXT ? low | (BigInt(offer.flags2) << 32n) : low
}

/** What INIT's request and reply agree on. */
export function protocolOf(request: Offer, reply: Offer, endianness: 'LE' | 'BE' = 'LE'): Protocol {
  return {
    minor: Math.min(request.minor, reply.minor),
    flags: initFlags(request) & initFlags(reply),
    endianness,
  }
}

/** Whether a field that depends on a flag is in the messages. */
export function has(protocol: Protocol, condition: string): boolean {
  return condition === 'setxattrExt' && (protocol.flags & INIT.SETXATTR_EXT) !== 0n
}
