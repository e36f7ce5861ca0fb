// Asks the browser for a passkey, and posts its answer with the form around it.
const part = document.getElementById("passkey-part");
const form = part.querySelector("form");
const button = form.querySelector("button");
const told = document.getElementById("passkey-told");
const makes = "makes" in part.dataset;

const WORDS = {
  NotAllowedError: "Nothing was chosen, or it took too long. Try again.",
  InvalidStateError: "This passkey is one of yours already.",
  SecurityError: "Passkeys do not work at this address.",
};

class Refused extends Error {}

async function answer() {
  const asked = await fetch(part.dataset.options, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "",
  });
  if (!asked.ok) throw new Refused(asked.status === 403 ? (await asked.json()).forbidden.why : undefined);
  const options = JSON.parse(await asked.json());
  const credential = makes
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(credential);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  told.textContent = "";
  try {
    form.elements.answer.value = await answer();
    form.submit();
  } catch (error) {
    const said = error instanceof Refused && error.message;
    told.textContent = said || (WORDS[error.name] ?? "The browser could not be asked for a passkey. Load the page again.");
    button.removeAttribute("aria-busy");
  }
});

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  part.hidden = false;
  told.className = "field-error";
  told.textContent = "";
} else {
  told.textContent = "This browser knows no passkeys, or is too old for them.";
}
