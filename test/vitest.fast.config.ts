import { configDefaults, defineConfig, mergeConfig } from 'vitest/config'
import all from './vitest.config.js'

/** What mounts nothing and starts no other vitest: `npm run test:fast`, and `npm run dev` while files change. */
export default mergeConfig(
  all,
  defineConfig({
    test: {
      exclude: [
        ...configDefaults.exclude,
        'test/{live,mount,process,contract,kernel,transport,vfs}/**',
        'test/vitest/{lifecycle,modes,packed,offline}*.test.ts',
        'test/cli/{replay,run-vitest}.test.ts',
        'test/drift/{live,mutations,workload}.test.ts',
        'test/recording/file.test.ts',
      ],
      env: { FUSETRACE: 'replay' },
    },
  }),
)
