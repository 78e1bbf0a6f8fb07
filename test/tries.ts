/**
 * How much of something is tried that is the same many times over, such as bytes by chance: less in `npm test`, more in
 * `npm run test:slow`, which runs the files again that ask for it (test/vitest.slow.config.ts).
 */
export const tries = (less: number, more: number): number => (isMore ? more : less)

/** Whether this is the run that tries more. */
export const isMore: boolean = process.env.FUSETRACE_TESTS === 'more'
