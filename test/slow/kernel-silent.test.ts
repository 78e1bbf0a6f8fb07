import { kernelAnswers } from '../live/kernel-answers.js'

kernelAnswers((name) => name !== 'mergerfs')
