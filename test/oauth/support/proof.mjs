// SPDX-License-Identifier: MIT
// What a resource server looks at in a proof of possession (RFC 9449, section 4.3).
import { createHash, createPublicKey, verify } from "node:crypto";

const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
const sha256 = (text) => createHash("sha256").update(text).digest("base64url");

// RFC 7638.
function thumbprint({ crv, kty, x, y }) {
  return sha256(JSON.stringify({ crv, kty, x, y }));
}

// Remembers each jti. What is wrong with the proof of this request; nothing otherwise.
export class Proofs {
  seen = new Map(); // jti -> the proof's claims

  wrong({ exchange, token, claims, url }) {
    const [header, payload, signature] = (exchange.headers.dpop ?? "").split(".");
    if (!signature || exchange.lines("dpop") !== 1) return "there is not one proof";
    const { typ, alg, jwk } = decode(header);
    if (typ !== "dpop+jwt" || alg !== "ES256" || jwk.d !== undefined) return "the header";
    const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify("sha256", signed, key, Buffer.from(signature, "base64url"))) return "the signature";
    const proof = decode(payload);
    if (proof.htm !== exchange.method || proof.htu !== url) return `${proof.htm} ${proof.htu}`;
    if (Math.abs(proof.iat - Date.now() / 1000) > 60) return "iat";
    if (proof.ath !== sha256(token)) return "ath";
    if (this.seen.has(proof.jti)) return "a jti twice";
    this.seen.set(proof.jti, proof);
    return claims.cnf?.jkt === thumbprint(jwk) ? undefined : "another key than the token's";
  }
}
