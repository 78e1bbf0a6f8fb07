import fc from 'fast-check'

/** Text of any code points but halves of surrogates. Fast-check's own `unit: 'binary'` takes seconds to be made. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })))
  .map((points) => String.fromCodePoint(...points))
