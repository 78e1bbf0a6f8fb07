import { configOf, testsOf } from './vitest.config.js'

/** What runs no processes and takes no second: `npm run test:fast`, and `npm run dev` while files change. */
export default configOf(
  [
    {
      name: 'fast',
      include: testsOf(
        'line dialect operation monitor wait wire trace schedule edit clock input replay recording report faults fixture suite',
      ),
      exclude: [
        'test/**/*-hostile.test.ts',
        'test/**/*-captures.test.ts',
        'test/{recording,report,input}/{file,hostile,packed,page,import-log}.test.ts',
        'test/wire/round-trip.test.ts',
        'test/edit/cut.test.ts',
        'test/operation/interpreter.test.ts',
        'test/schedule/explore-recording.test.ts',
      ],
    },
  ],
  { FUSETRACE: 'replay' },
)
