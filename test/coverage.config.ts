import config from './vitest.config.js'

/**
 * Programs that a test starts write what they ran where `test/coverage.js` reads it. Set when a worker has started: what it runs
 * itself is counted by vitest.
 */
const WITH_CHILDREN = 'const { env } = process; if (env.CHILDREN_COVERAGE) env.NODE_V8_COVERAGE = env.CHILDREN_COVERAGE'

/** All tests, counted: run by `test/coverage.js`, which adds what child processes ran. */
export default {
  ...config,
  test: {
    ...config.test,
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(WITH_CHILDREN)}`],
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['json'],
      reportsDirectory: 'coverage/in-process',
      reportOnFailure: true,
    },
  },
}
