import { waitsOnStarts } from '../live/waits-on-starts.js'

waitsOnStarts('every request')
waitsOnStarts('no releases and flushes')
