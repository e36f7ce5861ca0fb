// Does the sum that the page for registering asks for, beside the page, and puts its result into the form.
//
// The ALTCHA protocol, version 2: the key that PBKDF2 derives from nonce and counter has to begin with a prefix. The
// browser's own cryptography does it, off the page's thread. Where there is none, as over plain http, nothing happens:
// the form works without, within a stricter limit.

const field = document.querySelector("[data-challenge]");
document.querySelector("[data-without-script]")?.remove();

if (field && globalThis.crypto?.subtle) {
  const form = field.form;
  const status = form.querySelector("[data-waiting]");
  let settled = false;
  let waiting = false;

  form.addEventListener("submit", (event) => {
    if (settled) return;
    event.preventDefault();
    waiting = true;
    status.textContent = status.dataset.waiting;
  });

  try {
    const challenge = JSON.parse(field.dataset.challenge);
    const solution = await solve(challenge.parameters);
    field.value = btoa(JSON.stringify({ challenge, solution }));
  } catch (error) {
    // Sent without, as by a browser that runs no scripts.
    console.warn("The proof of work could not be done.", error);
  }
  settled = true;
  status.textContent = "";
  if (waiting) form.submit();
}

async function solve({ algorithm, cost, keyLength, keyPrefix, nonce, salt }) {
  const [name, hash] = algorithm.split("/");
  const head = bytes(nonce);
  const password = new Uint8Array(head.length + 4);
  password.set(head);
  const view = new DataView(password.buffer);
  const derivation = { name, hash, salt: bytes(salt), iterations: cost };
  for (let counter = 0; ; counter++) {
    view.setUint32(head.length, counter);
    const key = await crypto.subtle.importKey("raw", password, name, false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(derivation, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey };
  }
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
