// SPDX-License-Identifier: MIT
// Small forward proxies that remember who came through: HTTP (absolute form and CONNECT) and SOCKS5.
// Whatever name is asked for, they connect to `target`.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

import { afterwards } from "./cleanup.mjs";

async function listen(t, server) {
  const sockets = new Set();
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterwards(t, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  return server.address().port;
}

// `seen` has { url, authorization } of each request.
export async function startHttpProxy(t, target) {
  const seen = [];
  const server = http.createServer((request, response) => {
    const { "proxy-authorization": authorization, ...headers } = request.headers;
    seen.push({ url: request.url, authorization });
    const { pathname, search } = new URL(request.url);
    const options = { host: "127.0.0.1", port: target.port, method: request.method, path: pathname + search, headers };
    const onward = http.request(options, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.on("connect", (request, socket) => {
    seen.push({ url: request.url, authorization: request.headers["proxy-authorization"] });
    join(socket, target, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
  });
  return { seen, port: await listen(t, server) };
}

// RFC 1928 without authentication, or RFC 1929 if the client offers it; `seen` has { host, user }.
export async function startSocksProxy(t, target) {
  const seen = [];
  const server = net.createServer(async (socket) => {
    const read = reader(socket);
    const [, methodCount] = await read(2);
    const methods = [...(await read(methodCount))];
    let user;
    if (methods.includes(2)) {
      socket.write(Buffer.from([5, 2]));
      user = (await read((await read(2))[1])).toString();
      user += `:${await read((await read(1))[0])}`;
      socket.write(Buffer.from([1, 0]));
    } else {
      socket.write(Buffer.from([5, 0]));
    }
    const type = (await read(4))[3];
    const host = await read({ 1: 4, 4: 16 }[type] ?? (await read(1))[0]);
    await read(2);
    seen.push({ host: type === 3 ? host.toString() : [...host].join("."), user });
    socket.removeAllListeners("readable");
    join(socket, target, () => socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
  });
  return { seen, port: await listen(t, server) };
}

function join(socket, target, connected) {
  const onward = net.connect(target.port, "127.0.0.1", () => {
    connected();
    socket.pipe(onward).pipe(socket);
  });
  onward.on("error", () => socket.destroy());
  socket.on("close", () => onward.destroy());
}

function reader(socket) {
  return async (size) => {
    if (size === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = socket.read(size);
      if (bytes) return bytes;
      await once(socket, "readable");
    }
  };
}
