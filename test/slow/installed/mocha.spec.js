import { offline, onMount } from './body.js'

describe('fusetrace', function () {
  this.timeout(120_000)
  it('offline', offline)
  it('on a mount', onMount)
})
