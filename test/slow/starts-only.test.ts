import { waitsOnStarts } from '../live/waits-on-starts.js'

waitsOnStarts('no releases and flushes')
