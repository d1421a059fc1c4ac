// SPDX-License-Identifier: MIT
// The home directory of somebody who has signed in before, the servers that the login is for, and what is there.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startAuthorizationServer, startProtectedPeer } from "./authorization_server.mjs";
import { within } from "./deadline.mjs";
import { start } from "./gateway.mjs";
import { temporaryDirectory } from "./temporary.mjs";

export async function openHome(t) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  const home = temporaryDirectory(t);
  const folder = join(home, ".config/mcp-stdio");
  const file = join(folder, "tokens.json");
  const entries = () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});
  return {
    authority, peer, home, folder, entries,
    entry: () => entries()[peer.url],
    // What is there on a Monday morning.
    expired: () => {
      const { access_token, refresh_token } = authority.issue();
      authority.expire(access_token);
      const entry = {
        access_token, refresh_token, token_type: "Bearer", expires_at: 1, client_id: "the-client", issuer: authority.issuer,
        token_endpoint: `${authority.issuer}/token`, token_endpoint_auth_method: "none",
      };
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify({ [peer.url]: entry }), { mode: 0o600 });
      return entry;
    },
    start: (args = [], options = {}) => start(t, [peer.url, ...args], { home, ...options }),
  };
}

// Waits for what nobody announces: a file that another process writes.
export async function until(holds, what) {
  let isWaiting = true;
  const looking = async () => {
    while (isWaiting && !holds()) await new Promise((done) => setTimeout(done, 5));
  };
  try {
    await within(looking(), what);
  } finally {
    isWaiting = false;
  }
}

// The processes that this one has started, and what everybody on the machine can see of them.
export function childrenOf(pid) {
  const found = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/stat`, "utf8");
      if (Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]) !== pid) continue;
      const read = (file) => readFileSync(`/proc/${name}/${file}`, "utf8").split("\0");
      found.push({ pid: Number(name), args: read("cmdline"), environment: read("environ") });
    } catch {
      // it has just ended
    }
  }
  return found;
}
