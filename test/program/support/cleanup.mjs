// SPDX-License-Identifier: MIT
// What a test leaves behind is put away in reverse order, all of it, even if one step fails.
const stacks = new WeakMap();

export function afterwards(t, step) {
  if (!stacks.has(t)) {
    stacks.set(t, []);
    t.after(() => putAway(stacks.get(t)));
  }
  stacks.get(t).push(step);
}

async function putAway(steps) {
  const failures = [];
  for (const step of steps.reverse()) {
    try {
      await step();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}
