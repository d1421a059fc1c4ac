// SPDX-License-Identifier: MIT
// Waiting with a limit. The limits are generous: they end a test that would hang, they measure nothing.

const kDeadline = Number(process.env.MCP_STDIO_TEST_DEADLINE ?? 20_000);

// The promise's outcome, or a failure that says what was waited for. `picture` tells what there was instead.
export async function within(promise, what, { limit = kDeadline, picture = () => "" } = {}) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${limit} ms without ${what}\n${picture()}`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Things that arrive, in order, and those who wait for one of them. Each thing is taken once.
export class Arrivals {
  #waiting = [];
  #waiters = [];

  push(thing) {
    const at = this.#waiters.findIndex((waiter) => waiter.predicate(thing));
    if (at < 0) this.#waiting.push(thing);
    else this.#waiters.splice(at, 1)[0].resolve(thing);
  }

  take(predicate) {
    const at = this.#waiting.findIndex(predicate);
    if (at >= 0) return Promise.resolve(this.#waiting.splice(at, 1)[0]);
    return new Promise((resolve) => this.#waiters.push({ predicate, resolve }));
  }
}
