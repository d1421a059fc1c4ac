// SPDX-License-Identifier: MIT
// nginx and tinyproxy from Debian's packages, in the foreground, each with a configuration and a
// directory of its own, on a port that was free a moment ago. And a private CA.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";

import { afterwards } from "./cleanup.mjs";
import { temporaryDirectory } from "./temporary.mjs";

export async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

function find(name) {
  return ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

// What to give to `skip`: a missing program is a reason in a test run by hand. scripts/test, which
// installs them, says that it is a failure.
export function reasonToSkip(...names) {
  const missing = names.filter((name) => !find(name));
  if (missing.length === 0 || process.env.MCP_STDIO_SKIP_NOTHING) return false;
  return `${missing.join(", ")} is not installed`;
}

async function accepts(port) {
  const socket = net.connect(port, "127.0.0.1");
  const connected = once(socket, "connect").then(() => true, () => false);
  const answer = await connected;
  socket.destroy();
  return answer;
}

// Starts it and waits until it accepts connections or has ended, which is an error that shows its log.
async function launch(t, name, args, port) {
  const path = find(name);
  if (!path) throw new Error(`${name} is not installed`);
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  let ended = false;
  const end = once(child, "close").then(() => (ended = true));
  afterwards(t, async () => {
    child.kill("SIGTERM");
    const forced = setTimeout(() => child.kill("SIGKILL"), 2000);
    await end;
    clearTimeout(forced);
  });
  while (!(await accepts(port))) {
    if (ended) throw new Error(`${name} does not start: ${output}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

// Certificates of a CA that nobody else trusts: ca.pem; server.pem, server.key for these names;
// client.pem, client.key.
export function makeCertificates(folder, names = "DNS:localhost,IP:127.0.0.1") {
  const openssl = (...args) => execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA",
    "-addext", "keyUsage=critical,keyCertSign,cRLSign");
  for (const [name, subject, extension] of [
    ["server", "/CN=localhost", `subjectAltName=${names}`],
    ["client", "/CN=a client", "extendedKeyUsage=clientAuth"],
  ]) {
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    writeFileSync(join(folder, `${name}.ext`), extension);
    openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
      "-out", `${name}.pem`, "-days", "2", "-extfile", `${name}.ext`);
  }
  return {
    ca: join(folder, "ca.pem"), cert: join(folder, "client.pem"), key: join(folder, "client.key"),
  };
}

// One that its own key has signed: name.pem, name.key.
export function makeSelfSigned(folder, name) {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-keyout", `${name}.key`, "-out", `${name}.pem`, "-days", "2", "-subj", `/CN=${name}`],
  { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
}

// nginx with TLS and HTTP/2 in front of `peer`; `location` and `server` are lines of configuration.
export async function startNginx(t, peer, { location = "", server = "client_max_body_size 100m;" } = {}) {
  const folder = temporaryDirectory(t);
  const certificates = makeCertificates(folder);
  const port = await freePort();
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`).join("\n");
  writeFileSync(join(folder, "nginx.conf"), `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    ${process.getuid() === 0 ? "user root;" : ""}
    events { worker_connections 1024; }
    http {
      ${paths}
      log_format protocol '$server_protocol $request_method $status';
      access_log ${folder}/access.log protocol;
      server {
        listen 127.0.0.1:${port} ssl http2;
        ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.key;
        ${server}
        location / {
          proxy_pass ${peer.origin}; proxy_http_version 1.1; proxy_set_header Connection "";
          ${location}
        }
      }
    }`);
  await launch(t, "nginx", ["-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")], port);
  return { port, origin: `https://localhost:${port}`, accessLog: join(folder, "access.log"), ...certificates };
}

export async function startTinyproxy(t, lines = "") {
  const folder = temporaryDirectory(t);
  const port = await freePort();
  const config = join(folder, "tinyproxy.conf");
  writeFileSync(config, `Port ${port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogFile "${folder}/log"\nLogLevel Info\n${lines}\n`);
  await launch(t, "tinyproxy", ["-d", "-c", config], port);
  return { port, log: join(folder, "log") };
}
