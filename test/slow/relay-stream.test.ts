import { everyMessage } from '../relay/every-message.js'

everyMessage((name) => !name.startsWith('bindfs'))
