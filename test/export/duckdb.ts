import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

/** The queries of the page on exports. */
export const QUERIES: readonly string[] = [
  ...readFileSync(new URL('../../src/export/README.md', import.meta.url), 'utf8').matchAll(/```sql\n([\s\S]*?)```/g),
].map((found) => found[1] ?? '')

/** Asks DuckDB about a Parquet file; in queries it is `operations.parquet`. */
export async function asking(
  file: string,
  use: (query: (sql: string) => Promise<Record<string, unknown>[]>) => Promise<void>,
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    await use(async (sql) => {
      const reader = await connection.runAndReadAll(sql.replaceAll('operations.parquet', file))
      return reader.getRowObjectsJson() as Record<string, unknown>[]
    })
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
