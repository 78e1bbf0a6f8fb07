/** What each file holds, by name. */
export const HOSTILE: Readonly<Record<string, () => Buffer>>
/** Writes one of them, after a recording's preamble and header; returns its path. */
export function writeHostile(directory: string, name: string, begin: Buffer): string
