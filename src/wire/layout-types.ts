import type { MESSAGES, NOTIFICATIONS } from './messages.js'
import type { STRUCTS } from './structs.js'

type Structs = typeof STRUCTS
type Messages = typeof MESSAGES
type Notifications = typeof NOTIFICATIONS

/** A name in a directory. `padding` only where a daemon did not fill up with zeros. */
export interface Dirent {
  ino: bigint
  off: bigint
  /** `d_type`: 4 directory, 8 file, 10 link, 0 unknown. */
  type: number
  name: Buffer
  padding?: Buffer
}

/** A name in a directory with what a lookup of it would have said. */
export interface DirentPlus extends Dirent {
  entry: Struct<'entry'>
}

/** The TypeScript type of a kind of field. */
type Kind<K extends string> = K extends 'u16' | 'u32' | 's32'
  ? number
  : K extends 'u64' | 's64'
    ? bigint
    : K extends 'cstring' | 'bytes' | `cstring[${string}]` | `bytes[${string}]`
      ? Buffer
      : K extends 'dirents'
        ? Dirent[]
        : K extends 'direntsplus'
          ? DirentPlus[]
          : K extends 'iovecs'
            ? Struct<'iovec'>[]
            : K extends `${infer S}[${string}]`
              ? Kind<S>[]
              : K extends keyof Structs
                ? Struct<K>
                : never

type NameOf<F extends string> = F extends `...${string}` ? never : F extends `${infer N}: ${string}` ? N : never
type KindOf<F extends string> = F extends `${string}: ${infer K} ${string}`
  ? K
  : F extends `${string}: ${infer K}`
    ? K
    : never
type IsRare<F extends string> = F extends unknown ? (KindOf<F> extends `pad${number}` | 'tail' ? F : never) : never
type IsLoose<F extends string> = F extends `${string} ~${number}` ? F : never
type Spliced<F extends string> = F extends `...${infer S extends keyof Structs}` ? Structs[S][number] : F

/**
 * The TypeScript type of a list of fields. `fixedBytes` is the length of fields whose number differs between senders, where it is
 * not what the protocol's version has.
 */
export type Fields<L extends readonly string[]> = FieldsOf<Spliced<L[number]>>
type FieldsOf<F extends string> = Flat<
  { [E in Exclude<F, IsRare<F>> as NameOf<E>]: Kind<KindOf<E>> } & { [E in IsRare<F> as NameOf<E>]?: Buffer } & {
    [E in IsLoose<F> as 'fixedBytes']?: number
  }
>
type Flat<T> = { [K in keyof T]: T[K] }

/** A struct of structs.ts. */
export type Struct<S extends keyof Structs> = Fields<Structs[S]>

/** A request's name. */
export type Opcode = keyof Messages
/** What a request of this name says. */
export type RequestBody<O extends Opcode> = Fields<Messages[O]['request']>
/** What a successful reply to a request of this name says; for getxattr and listxattr that is a size or a value. */
export type ReplyBody<O extends Opcode> =
  | (Messages[O]['reply'] extends readonly string[] ? Fields<Messages[O]['reply']> : never)
  | (Messages[O] extends { sizeReply: infer L extends readonly string[] } ? Fields<L> : never)

export type NotificationName = keyof Notifications
export type NotificationBody<N extends NotificationName> = Fields<Notifications[N]['body']>

/** What encoding takes: numbers left out are 0, lists and bytes empty, lengths and counts those of what they count. */
export type Input<T> = T extends number | bigint
  ? T
  : T extends Uint8Array
    ? Uint8Array
    : T extends readonly (infer E)[]
      ? readonly Input<E>[]
      : { readonly [K in keyof T]?: Input<Exclude<T[K], undefined>> | undefined }
