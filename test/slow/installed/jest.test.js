import { offline, onMount } from './body.js'

test('offline', offline)
test('on a mount', onMount, 120_000)
