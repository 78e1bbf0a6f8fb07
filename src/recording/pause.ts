/** Waits a moment without spinning, in synchronous code: for a pipe that is full or empty for now. */
export function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
}
