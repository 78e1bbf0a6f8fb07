import { test } from 'node:test'
import { offline, onMount } from './body.js'

test('offline', offline)
test('on a mount', onMount)
