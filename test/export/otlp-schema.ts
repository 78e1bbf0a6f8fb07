/**
 * The messages of opentelemetry-proto that a file of traces is made of (trace/v1/trace.proto, common/v1/common.proto,
 * resource/v1/resource.proto), in their JSON form: names in lowerCamelCase, ids as hexadecimal digits (not base64), 64-bit
 * integers as decimal strings, enums as numbers only, unknown fields refused.
 */
type Field =
  | { kind: 'message'; of: string }
  | { kind: 'list'; of: string }
  | { kind: 'string' | 'bool' | 'double' | 'int64' | 'fixed64' | 'uint32' | 'fixed32' | 'bytes' }
  | { kind: 'id'; digits: 16 | 32 }
  | { kind: 'enum'; to: number }

const string: Field = { kind: 'string' }
const count: Field = { kind: 'uint32' }
const attributes: Field = { kind: 'list', of: 'KeyValue' }

const MESSAGES: Readonly<
  Record<string, { fields: Readonly<Record<string, Field>>; need?: readonly string[]; one?: true }>
> = {
  TracesData: { fields: { resourceSpans: { kind: 'list', of: 'ResourceSpans' } } },
  ResourceSpans: {
    fields: {
      resource: { kind: 'message', of: 'Resource' },
      scopeSpans: { kind: 'list', of: 'ScopeSpans' },
      schemaUrl: string,
    },
  },
  Resource: { fields: { attributes, droppedAttributesCount: count } },
  ScopeSpans: {
    fields: {
      scope: { kind: 'message', of: 'InstrumentationScope' },
      spans: { kind: 'list', of: 'Span' },
      schemaUrl: string,
    },
  },
  InstrumentationScope: { fields: { name: string, version: string, attributes, droppedAttributesCount: count } },
  Span: {
    fields: {
      traceId: { kind: 'id', digits: 32 },
      spanId: { kind: 'id', digits: 16 },
      traceState: string,
      parentSpanId: { kind: 'id', digits: 16 },
      flags: { kind: 'fixed32' },
      name: string,
      kind: { kind: 'enum', to: 5 },
      startTimeUnixNano: { kind: 'fixed64' },
      endTimeUnixNano: { kind: 'fixed64' },
      attributes,
      droppedAttributesCount: count,
      events: { kind: 'list', of: 'Event' },
      droppedEventsCount: count,
      links: { kind: 'list', of: 'Link' },
      droppedLinksCount: count,
      status: { kind: 'message', of: 'Status' },
    },
    need: ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano'],
  },
  Status: { fields: { message: string, code: { kind: 'enum', to: 2 } } },
  KeyValue: { fields: { key: string, value: { kind: 'message', of: 'AnyValue' } }, need: ['key', 'value'] },
  AnyValue: {
    fields: {
      stringValue: string,
      boolValue: { kind: 'bool' },
      intValue: { kind: 'int64' },
      doubleValue: { kind: 'double' },
      arrayValue: { kind: 'message', of: 'ArrayValue' },
      bytesValue: { kind: 'bytes' },
    },
    one: true,
  },
  ArrayValue: { fields: { values: { kind: 'list', of: 'AnyValue' } } },
}

/** What is wrong with a line of a file that the otlpjsonfile receiver is to read. */
export function problemsOfLine(line: string): string[] {
  const problems: string[] = []
  message('TracesData', JSON.parse(line), 'line', problems)
  return problems
}

function message(type: string, value: unknown, at: string, problems: string[]): void {
  const schema = MESSAGES[type]
  if (schema === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`${at} is no ${type}`)
    return
  }
  const given = value as Record<string, unknown>
  for (const key of schema.need ?? [])
    if (given[key] === undefined || given[key] === '') problems.push(`${at}: no ${key}`)
  if (schema.one && Object.keys(given).length !== 1) problems.push(`${at}: one value and no more`)
  for (const [key, item] of Object.entries(given)) {
    const wanted = schema.fields[key]
    if (wanted === undefined) problems.push(`${at}: ${type} has no ${key}`)
    else field(wanted, item, `${at}.${key}`, problems)
  }
  if (type === 'Span' && BigInt(String(given.endTimeUnixNano)) < BigInt(String(given.startTimeUnixNano))) {
    problems.push(`${at} ends before it begins`)
  }
  const keys = (given.attributes as { key: string }[] | undefined)?.map(({ key }) => key) ?? []
  if (new Set(keys).size !== keys.length) problems.push(`${at}: an attribute's key twice`)
}

function field(wanted: Field, value: unknown, at: string, problems: string[]): void {
  if (wanted.kind === 'message') {
    message(wanted.of, value, at, problems)
    return
  }
  if (wanted.kind === 'list') {
    if (!Array.isArray(value)) problems.push(`${at} is no list`)
    else for (const [i, item] of value.entries()) message(wanted.of, item, `${at}[${i}]`, problems)
    return
  }
  if (!isScalar(wanted, value)) problems.push(`${at}: ${JSON.stringify(value)} is no ${wanted.kind}`)
}

function isScalar(wanted: Exclude<Field, { kind: 'message' | 'list' }>, value: unknown): boolean {
  const decimal = typeof value === 'string' && /^(0|-?[1-9]\d*)$/.test(value) ? BigInt(value) : null
  switch (wanted.kind) {
    case 'string':
      return typeof value === 'string' && !/\p{Cs}/u.test(value)
    case 'bool':
      return typeof value === 'boolean'
    case 'double':
      return typeof value === 'number'
    case 'bytes':
      return typeof value === 'string' && /^[A-Za-z0-9+/]*=*$/.test(value)
    case 'int64':
      return decimal !== null && decimal >= -(2n ** 63n) && decimal < 2n ** 63n
    case 'fixed64':
      return decimal !== null && decimal >= 0n && decimal < 2n ** 64n
    case 'uint32':
    case 'fixed32':
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32
    case 'enum':
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= wanted.to
    case 'id':
      return typeof value === 'string' && new RegExp(`^[0-9a-f]{${wanted.digits}}$`).test(value) && !/^0+$/.test(value)
  }
}
