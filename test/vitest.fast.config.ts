import { configOf } from './vitest.config.js'

/** What mounts nothing and starts no other vitest: `npm run test:fast`, and `npm run dev` while files change. */
export default configOf({
  exclude: [
    'test/{live,mount,process,contract,kernel,transport,vfs,relay,drive,clients,serve,slow}/**',
    'test/vitest/{lifecycle,modes,packed,offline,verify,mutated,remount}.test.ts',
    'test/cli/{demo,replay,run-vitest,start}.test.ts',
    // In a browser, or another program's database.
    'test/report/{page,hostile-page}.test.ts',
    'test/export/**',
    'test/drift/{live,mutations,workload}.test.ts',
    'test/recording/{file,hostile}.test.ts',
  ],
  env: { FUSETRACE: 'replay' },
})
