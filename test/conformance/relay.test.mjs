// SPDX-License-Identifier: MIT
// The official conformance suite, client side, with mcp-stdio between the suite's server and the
// official SDK's client: the scenarios of revision 2025-11-25 that need no login.
import { scenarios } from "./support.mjs";

scenarios("2025-11-25", [
  "initialize",
  "tools_call",
  "elicitation-sep1034-client-defaults",
  "sse-retry",
  "json-schema-2020-12-preservation",
]);
