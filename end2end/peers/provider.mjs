// An OpenID provider, made with oidc-provider: whoever types a login at it is signed in, and told of by the claims that
// are kept for that login.
// PUT /-/accounts/LOGIN keeps claims, as JSON. PUT /-/client registers the one client, as JSON; with
// `claims_in_id_token` they stand in the ID token too, else at the user info endpoint alone.
// Usage: node provider.mjs PORT
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import Provider, { interactionPolicy } from "oidc-provider";

const [port] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const accounts = new Map();
const key = { ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), use: "sig", kid: "one" };
const cookies = { keys: [randomBytes(32).toString("hex")] };

const html = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title><link rel="icon" href="data:,">
<body style="font: 16px system-ui; margin: 3rem auto; width: 20rem"><h1>${title}</h1>${body}`;

function make({ claims_in_id_token, ...client } = {}) {
  const provider = new Provider(issuer, {
    clients: client.client_id ? [client] : [],
    jwks: { keys: [key] },
    cookies,
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "given_name", "family_name", "preferred_username"],
      groups: ["groups"],
    },
    conformIdTokenClaims: !claims_in_id_token,
    findAccount: (_, id) => accounts.has(id) && { accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) },
    // Whoever signs in agrees.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email profile groups");
      await grant.save();
      return grant;
    },
    interactions: { url: (_, { uid }) => `/login/${uid}`, policy: interactionPolicy.base() },
    // Usher is on loopback here, where a provider calls nobody by itself.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        logoutSource(ctx, form) {
          const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out here too</button>';
          ctx.body = html("Sign out", `${form}${button}`);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = html("Signed out", "");
        },
      },
    },
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.on("backchannel.error", (_, error) => console.error(error));
  return provider;
}

let provider = make();

const routes = [
  ["PUT", /^\/-\/accounts\/(.+)$/, async (request, response, [login]) => {
    accounts.set(decodeURIComponent(login), JSON.parse(await text(request)));
    response.writeHead(204).end();
  }],
  ["PUT", /^\/-\/client$/, async (request, response) => {
    provider = make(JSON.parse(await text(request)));
    response.writeHead(204).end();
  }],
  ["GET", /^\/login\/[\w-]+$/, async (request, response) => {
    await provider.interactionDetails(request, response);
    response.setHeader("content-type", "text/html");
    response.end(html("Log in", `<form method="post"><label>Login <input name="login" autofocus></label>
      <button>Continue</button> <button name="cancel" value="yes">Cancel</button></form>`));
  }],
  ["POST", /^\/login\/[\w-]+$/, async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const result = form.has("cancel") ? { error: "access_denied" } : { login: { accountId: form.get("login") } };
    await provider.interactionFinished(request, response, result);
  }],
];

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  for (const [method, pattern, answer] of routes) {
    const found = request.method === method && pattern.exec(pathname);
    if (!found) continue;
    try {
      return await answer(request, response, found.slice(1));
    } catch (error) {
      console.error(error);
      return response.writeHead(400).end(`${error}`);
    }
  }
  provider.callback()(request, response);
}).listen(Number(port), "127.0.0.1");
