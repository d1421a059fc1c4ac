// SPDX-License-Identifier: MIT
// A web of its own for each test, on loopback: https hosts by their real names, behind a proxy that leads
// all connections to one TLS server. So what the program knows of certain providers by their names is
// tried as it is.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterwards } from "../../program/support/cleanup.mjs";
import { makeCertificates } from "../../program/support/programs.mjs";

const folders = [];
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

// Made once for each set of names: openssl takes its time.
const made = new Map();
function certificatesFor(hosts) {
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  if (!made.has(names)) {
    const folder = mkdtempSync(join(tmpdir(), "mcp-stdio-web-"));
    folders.push(folder);
    const { ca } = makeCertificates(folder, names);
    const read = (name) => readFileSync(join(folder, name));
    made.set(names, { ca, cert: read("server.pem"), key: read("server.key") });
  }
  return made.get(names);
}

async function listening(t, server) {
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterwards(t, async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return server.address().port;
}

// `hosts`: host -> (request, response) => void. What the program and the browser have to be told stands
// in `args` and `env`.
export async function startWeb(t, hosts) {
  const { ca, cert, key } = certificatesFor([...hosts.keys()]);
  const server = https.createServer({ cert, key }, (request, response) => {
    const answer = hosts.get(request.headers.host);
    if (answer) return answer(request, response);
    response.writeHead(421).end();
  });
  const port = await listening(t, server);
  const proxy = http.createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", (request, client, head) => {
    const through = net.connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      through.write(head);
      through.pipe(client).pipe(through);
    });
    for (const [one, other] of [[client, through], [through, client]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  const proxyPort = await listening(t, proxy);
  return {
    args: ["--proxy", `http://127.0.0.1:${proxyPort}`, "--cacert", ca],
    env: { TEST_WEB: JSON.stringify({ port, ca }) },
  };
}
