/** A node id or inode number as a canonical decimal string (they pass 2^53). `1` is the root. */
export type NodeId = string

/** Numbers that a request or its reply names; those beyond 2^53 as decimal strings. They become fields of the operation. */
export interface OperationValues {
  /** Bytes asked for: of a read, a write, a listing, an attribute; the new size of a setattr. */
  size?: number | string
  /** Where in the file. */
  offset?: number | string
  /** Permission bits and type, as in `st_mode`; of access the mask, of fallocate its mode. */
  mode?: number
  /** `open(2)`'s flags, or the request's own. */
  flags?: number
  /** The node that the request is about; for requests that name an entry, its directory. */
  nodeId?: number | string
  /** The daemon's handle of an open file. */
  fh?: number | string
  /** Time before the daemon took the request, ns. */
  queueNs?: number
}

/** The same in an event, where what is not known may also be there and undefined. */
export type EventValues = { [K in keyof OperationValues]: OperationValues[K] | undefined }
