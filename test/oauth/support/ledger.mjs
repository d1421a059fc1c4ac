// SPDX-License-Identifier: MIT
// Every secret that a login brought forth, and all that the program let anybody see.
//
// The servers of a test report what they received and what they answered; whoever runs the program
// reports its argv, its stderr and its log file. At the end of the test no secret may stand in any
// of them. While a request is under way the arguments of every process of the program are looked at
// too, so that children of its own count as well.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import { afterwards } from "../../program/support/cleanup.mjs";
import { binary } from "../../program/support/gateway.mjs";

const kReceived = [
  "state", "code", "code_verifier", "client_secret", "client_assertion", "refresh_token", "device_code", "assertion",
  "subject_token", "token",
];
const kAnswered = [
  "access_token", "refresh_token", "id_token", "client_secret", "registration_access_token", "device_code", "code",
];
// What is shorter could stand anywhere by chance.
const kShortest = 8;

// The address of a login is printed whole, so that it can be opened by hand, and told to a client that
// cannot wait: there its state may stand, and nowhere else.
const kAddress = /^To sign in, open this address in a browser:\n\n {4}\S+\n|(?<="code":-32002,"message":"[^"]*browser: )[^"]*/gm;

export class Ledger {
  #secrets = new Map(); // value -> what it is
  #seen = [];

  keep(what, value) {
    if (typeof value !== "string" || value.length < kShortest) return;
    for (const form of [value, encodeURIComponent(value)])
      if (!this.#secrets.has(form)) this.#secrets.set(form, what);
  }

  received({ headers = {}, parameters = {} }) {
    for (const name of kReceived) this.keep(name, parameters[name]);
    const [scheme, credentials] = (headers.authorization ?? "").split(" ");
    this.keep(`${scheme} credentials`, credentials);
    this.#lookAtProcesses();
  }
  answered(members = {}) {
    for (const name of kAnswered) this.keep(name, members[name]);
  }
  redirected(location) {
    for (const [name, value] of new URL(location).searchParams) if (kReceived.includes(name)) this.keep(name, value);
  }

  saw(where, text) {
    this.#seen.push({ where, text: text.replace(kAddress, "") });
  }
  #lookAtProcesses() {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readlinkSync(`/proc/${pid}/exe`) !== binary) continue;
        this.saw("the arguments of a process", readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {
        // it has ended, or is somebody else's
      }
    }
  }

  kinds() {
    return new Set(this.#secrets.values());
  }
  leaks() {
    const found = new Set();
    for (const { where, text } of this.#seen)
      for (const [value, what] of this.#secrets) if (text.includes(value)) found.add(`${what} in ${where}`);
    return [...found];
  }
}

// A ledger that is balanced when the test ends.
export function openLedger(t) {
  const ledger = new Ledger();
  afterwards(t, () => assert.deepEqual(ledger.leaks(), []));
  return ledger;
}
