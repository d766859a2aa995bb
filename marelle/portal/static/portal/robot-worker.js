"use strict";
// Finds the counter whose hash starts as the challenge says. SHA-256 is written out here, and not asked of
// crypto.subtle, which browsers withhold from pages served over plain http and which is slow for short texts.
// The texts hashed (salt, nonce and counter, then hash after hash) always fit one block of 64 bytes.
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const W = new Int32Array(64);
const hash = new Int32Array(8);

const words = (hex) => hex.match(/.{8}/g).map((word) => parseInt(word, 16) | 0);
const hex = (numbers) => Array.from(numbers, (n) => (n >>> 0).toString(16).padStart(8, "0")).join("");

// Hashes the first `count` words of W into `hash`.
function digest(count) {
  W[count] = 0x80000000 | 0;
  W.fill(0, count + 1, 15);
  W[15] = count * 32;
  for (let i = 16; i < 64; i++) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = W[i - 16] + W[i - 7]
      + ((a >>> 7 | a << 25) ^ (a >>> 18 | a << 14) ^ a >>> 3)
      + ((b >>> 17 | b << 15) ^ (b >>> 19 | b << 13) ^ b >>> 10);
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < 64; i++) {
    const one = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + ROUND[i] + W[i];
    const two = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c);
    h = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
  }
  hash[0] = START[0] + a; hash[1] = START[1] + b; hash[2] = START[2] + c; hash[3] = START[3] + d;
  hash[4] = START[4] + e; hash[5] = START[5] + f; hash[6] = START[6] + g; hash[7] = START[7] + h;
}

onmessage = ({ data: { salt, nonce, cost, keyPrefix } }) => {
  const head = [...words(salt), ...words(nonce)];
  const [first] = words(keyPrefix);
  for (let counter = 0; counter < 2 ** 32; counter++) {
    W.set(head);
    W[head.length] = counter;
    digest(head.length + 1);
    for (let round = 1; round < cost; round++) {
      W.set(hash);
      digest(8);
    }
    if (hash[0] === first && hex(hash).startsWith(keyPrefix)) {
      postMessage({ counter, derivedKey: hex(hash) });
      return;
    }
  }
};
