import { alluxio } from './alluxio/alluxio.js'
import { bazil } from './bazil/bazil.js'
import type { Dialect } from './core/dialect.js'
import { fuse3 } from './fuse3/fuse3.js'
import { fusepy } from './fusepy/fusepy.js'
import { fuser } from './fuser/fuser.js'
import { glusterfs } from './glusterfs/glusterfs.js'
import { goFuse } from './go-fuse/go-fuse.js'
import { jacobsa } from './jacobsa/jacobsa.js'
import { juicefs } from './juicefs/juicefs.js'
import { kernel } from './kernel/kernel.js'
import { libfuse } from './libfuse/libfuse.js'
import { loggedfs } from './loggedfs/loggedfs.js'
import { mergerfs } from './mergerfs/mergerfs.js'
import { moosefs } from './moosefs/moosefs.js'
import { rclone } from './rclone/rclone.js'
import { s3fs } from './s3fs/s3fs.js'
import { tracingJson } from './tracing/json.js'
import { tracingPretty } from './tracing/pretty.js'
import { tracing } from './tracing/tracing.js'
import { virtiofsd } from './virtiofsd/virtiofsd.js'
import { winfsp } from './winfsp/winfsp.js'

/** All dialects that come with fusetrace, in the order in which doubt is settled. */
export const dialects: readonly Dialect[] = [
  bazil,
  jacobsa,
  kernel,
  juicefs,
  moosefs,
  loggedfs,
  glusterfs,
  virtiofsd,
  fuse3,
  s3fs,
  alluxio,
  winfsp,
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
