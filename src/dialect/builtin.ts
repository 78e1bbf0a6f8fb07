import { bazil } from './bazil.js'
import type { Dialect } from './dialect.js'
import { fusepy } from './fusepy.js'
import { fuser } from './fuser.js'
import { goFuse } from './go-fuse.js'
import { jacobsa } from './jacobsa.js'
import { kernel } from './kernel.js'
import { libfuse } from './libfuse.js'
import { mergerfs } from './mergerfs.js'
import { rclone } from './rclone.js'
import { tracing } from './tracing.js'
import { tracingJson } from './tracing-json.js'
import { tracingPretty } from './tracing-pretty.js'

/** All dialects that come with fusetrace, in the order in which doubt is settled. */
export const dialects: readonly Dialect[] = [
  bazil,
  jacobsa,
  kernel,
  rclone,
  fusepy,
  mergerfs,
  goFuse,
  libfuse,
  tracing,
  tracingJson,
  tracingPretty,
  fuser,
]
