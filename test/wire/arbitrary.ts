import fc from 'fast-check'
import type { Extension, Protocol } from '../../src/wire/index.js'
import { bytesOf, type Field, isPresent, type Kind, type Layout, layoutBytes } from '../../src/wire/layout.js'

type Values = Record<string, unknown>

const bytes = (max = 40): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array))
/** A name as file systems have them: any bytes but NUL. */
const name = (min = 0): fc.Arbitrary<Buffer> =>
  fc.array(fc.integer({ min: 1, max: 255 }), { minLength: min, maxLength: 30 }).map((array) => Buffer.from(array))

const SCALARS: Readonly<Record<string, fc.Arbitrary<number | bigint>>> = {
  u16: fc.integer({ min: 0, max: 0xffff }),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  s32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  u64: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  s64: fc.bigInt({ min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn }),
}

/** Padding is left out where it is zero. */
const padding = (length: number): fc.Arbitrary<Buffer | undefined> =>
  fc
    .option(
      fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array)),
      { nil: undefined, freq: 5 },
    )
    .map((pad) => (pad?.every((byte) => byte === 0) ? undefined : pad))

function entries(plus: boolean, protocol: Protocol): fc.Arbitrary<Values[]> {
  const dirent = fc.record({ ino: SCALARS.u64!, off: SCALARS.u64!, type: SCALARS.u32!, name: name(1) })
  const padded = dirent.chain((entry) =>
    padding(-entry.name.length & 7).map((pad): Values => (pad?.length ? { ...entry, padding: pad } : entry)),
  )
  const whole = plus
    ? padded.chain((entry) =>
        kindArbitrary({ is: 'struct', layout: structs.entry! }, protocol).map(
          (of): Values => ({ entry: of, ...entry }),
        ),
      )
    : padded
  return fc.array(whole, { maxLength: 5 })
}

/** Layouts that lists need; set by the test from the table. */
export const structs: { entry?: Layout } = {}

function kindArbitrary(kind: Kind, protocol: Protocol): fc.Arbitrary<unknown> {
  switch (kind.is) {
    case 'scalar':
      return SCALARS[kind.scalar]!
    case 'pad':
      return padding(kind.bytes)
    case 'struct':
      return bodyArbitrary(kind.layout, protocol)
    case 'bytes':
      return bytes()
    case 'cstring':
      return kind.count === null ? name() : bytes()
    case 'list':
      return fc.array(kindArbitrary(kind.item, protocol), { maxLength: 6 })
    case 'tail':
      // Too short to be an entry.
      return fc.option(bytes(20), { nil: undefined }).map((rest) => (rest?.length ? rest : undefined))
    case 'dirents':
    case 'direntsplus':
      return entries(kind.is === 'direntsplus', protocol)
    case 'iovecs':
      return fc.constant([])
  }
}

/** What a message with these fields can say in this protocol. */
export function bodyArbitrary(layout: Layout, protocol: Protocol): fc.Arbitrary<Values> {
  const there = (field: Field): boolean => isPresent(field, protocol)
  const zero = (field: Field): unknown => (field.kind.is === 'scalar' ? (field.kind.bytes === 8 ? 0n : 0) : undefined)
  const fields = Object.fromEntries(
    layout.fields.map((field) => [
      field.name,
      there(field) ? kindArbitrary(field.kind, protocol) : fc.constant(zero(field)),
    ]),
  )
  return fc.record(fields).map((values) => {
    for (const { name, counts } of layout.fields)
      if (counts) values[name] = (values[counts] as { length: number }).length
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  })
}

/** The lengths that a message of this layout may have besides the usual one. */
export function otherLengths(layout: Layout, protocol: Protocol): number[] {
  if (!layout.loose) return []
  const usual = layoutBytes(layout, protocol)
  const lengths: number[] = []
  let length = 0
  for (const field of layout.fields) {
    if (field.loose && length !== usual) lengths.push(length)
    length += bytesOf(field.kind, protocol)
  }
  return length === usual ? lengths : [...lengths, length]
}

/** What may stand behind a request's arguments. */
export const extensions: fc.Arbitrary<Extension[]> = fc.array(
  fc.oneof(
    fc
      .array(fc.record({ name: name(), value: bytes() }), { maxLength: 3 })
      .map((contexts): Extension => ({ type: 'secctx', contexts })),
    fc
      .array(SCALARS.u32 as fc.Arbitrary<number>, { maxLength: 5 })
      .map((groups): Extension => ({ type: 'groups', groups })),
    fc.tuple(fc.integer({ min: 33, max: 0xffff_ffff }), fc.array(fc.nat(255), { maxLength: 4 })).map(
      ([number, words]): Extension => ({
        type: 'other',
        number,
        data: Buffer.from(words.flatMap((w) => Array(8).fill(w))),
      }),
    ),
  ),
  { maxLength: 3 },
)

export const protocols: fc.Arbitrary<Protocol> = fc.record({
  minor: fc.integer({ min: 8, max: 45 }),
  flags: fc.constantFrom(0n, 1n << 29n, 1n << 32n, (1n << 29n) | (1n << 32n)),
  endianness: fc.constantFrom('LE' as const, 'BE' as const),
})
