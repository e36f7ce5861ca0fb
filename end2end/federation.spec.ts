// Somebody signs in through a real OpenID provider: an account here, and in a real external system; and how an
// administrator sets it up. With and without JavaScript.
import type { Page } from "@playwright/test";
import { addProvider, callback, changeTab, connect } from "./support/console";
import { expect, test } from "./support/fixtures";
import type { Json, Usher } from "./support/usher";

const GLOBEX = "Globex";
const NARROW = { width: 360, height: 740 };

test.beforeEach(async ({ signIn }) => signIn());

async function fits(page: Page): Promise<void> {
  await page.waitForLoadState();
  expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(360);
}

async function signedIn(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
}

async function refused(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: "You are not signed in" })).toBeVisible({ timeout: 30_000 });
}

/** Who has this user name here. */
async function user(usher: Usher, userName: string): Promise<Json | undefined> {
  const filter = encodeURIComponent(`userName eq "${userName}"`);
  const found = await usher.json(await usher.token("scim:read"), "GET", `/scim2/Users?filter=${filter}`);
  return found.Resources?.[0];
}

const synchronized = (method: string) => (form: Page) =>
  form.getByLabel("Attribute synchronization method").selectOption({ label: method }).then(() => undefined);

test("an administrator makes the connection from its tile, and tries it", async ({ page, provider, hydrated, axe }) => {
  await page.setViewportSize(NARROW);
  await page.goto("/console/connections");
  await page.getByRole("link", { name: "New Connection" }).click();
  const tiles = page.getByRole("list", { name: "Templates" });
  for (const name of ["Standard-Based IdP", "Google", "Microsoft", "GitHub", "Custom Connector"]) {
    await expect(tiles.getByRole("link", { name, exact: true })).toBeVisible();
  }
  await fits(page);
  await tiles.getByRole("link", { name: "Standard-Based IdP" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Standard-Based IdP" })).toBeVisible();
  await hydrated();
  await fits(page);
  await axe();

  // What is wrong is told beside its field, and what was typed stays, but for the secret.
  await page.getByLabel("Name", { exact: true }).fill("ab");
  await page.getByLabel("Issuer").fill("http://169.254.169.254");
  await page.getByLabel("Client ID").fill(provider.clientId);
  await page.getByLabel("Client secret").fill(provider.clientSecret);
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription(/A name has 3 to 120 characters\./);
  await expect(page.getByLabel("Issuer")).toHaveAccessibleDescription(/link-local address/);
  await expect(page.getByLabel("Issuer")).toHaveValue("http://169.254.169.254");
  await expect(page.getByLabel("Client ID")).toHaveValue(provider.clientId);
  await axe();
  await page.getByLabel("Endpoints").selectOption({ label: "Entered below" });
  await page.getByLabel("Name", { exact: true }).fill(GLOBEX);
  await page.getByLabel("Issuer").fill(provider.issuer);
  await page.getByLabel("Client secret").fill(provider.clientSecret);
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByLabel("Token endpoint")).toHaveAccessibleDescription(/required where nothing is discovered/);
  await fits(page);
  await page.getByLabel("Endpoints").selectOption({ label: "Discovered at the issuer" });
  await page.getByLabel("Client secret").fill(provider.clientSecret);
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByText("The connection was made. Enter its callback URL at the provider.")).toBeVisible();

  // The provider does not know Usher yet; then it does.
  expect(await callback(page)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\/callback\/[0-9a-f-]{36}$/);
  const checks = page.getByRole("list", { name: "Checks" });
  const check = (name: string) => checks.getByRole("listitem").filter({ hasText: name });
  await page.getByRole("button", { name: "Test sign-in" }).click();
  await expect(check("Client id and secret")).toContainText("Failed");
  await expect(check("Client id and secret")).toContainText("invalid_client");
  for (const passed of ["Discovery", "Issuer", "Keys", "PKCE", "User info"]) {
    await expect(check(passed)).toContainText("Passed");
  }
  await provider.register(await callback(page));
  await page.getByRole("button", { name: "Test sign-in" }).click();
  await expect(check("Client id and secret")).toContainText("The provider knows this client.");
  await expect(checks.getByText("Failed")).toHaveCount(0);
  await hydrated();
  await fits(page);
  await axe();
});

test("an administrator signs in as a test, and is shown what came", async ({ page, usher, provider, hydrated, axe }) => {
  await page.setViewportSize(NARROW);
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  await hydrated();
  await page.getByRole("button", { name: "Sign in as a test" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Log in" })).toBeVisible();
  expect(page.url()).toContain(provider.issuer);
  await page.getByLabel("Login").fill("freya");
  await page.getByRole("button", { name: "Continue" }).click();

  // Back in the console, as the administrator.
  await expect(page).toHaveURL(/\/console\/connections\/[^/]+\/settings\/tested\/[^/]+$/);
  const checks = page.getByRole("list", { name: "Checks" });
  const check = (name: string) =>
    checks.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
  await expect(check("Claim email")).toContainText("“freya@globex.example”");
  await expect(check("User name")).toContainText("“freya” from the claim “preferred_username”.");
  await expect(check("Account")).toContainText("An account “freya” would be made.");
  await expect(checks.getByText("Failed")).toHaveCount(0);
  expect(await user(usher, "freya")).toBeUndefined();
  await hydrated();
  await fits(page);
  await axe();

  // A claim that is not there is told, too.
  await changeTab(page, "Attributes", async (form) => form.getByLabel("User name").fill("nickname"));
  await page.getByRole("navigation", { name: GLOBEX }).getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("button", { name: "Sign in as a test" }).click();
  // Whoever is signed in there is not asked again.
  await expect(check("User name")).toContainText("None of the claims “nickname” came");
  await expect(check("Account")).toContainText("Failed");
});

test("the secret is never shown, and never goes to another issuer", async ({ page, provider }) => {
  await addProvider(page, provider, GLOBEX);
  await page.reload();
  await expect(page.getByLabel("Client secret")).toHaveValue("");
  await expect(page.getByLabel("Client secret")).toHaveAttribute("placeholder", /set .* type to replace/);
  expect(await page.content()).not.toContain("s3cret");
  await page.getByLabel("Issuer").fill("https://elsewhere.example");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Client secret")).toHaveAccessibleDescription(/enter it again/);
  await expect(page.getByLabel("Issuer")).toHaveValue("https://elsewhere.example");
  await page.reload();
  await expect(page.getByLabel("Issuer")).toHaveValue(provider.issuer);
  // Anything else changes without it.
  await page.getByLabel("Scopes").fill("openid email");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();
  await expect(page.getByLabel("Scopes")).toHaveValue("openid email");
});

test("the tiles ask for what their provider gives, and for nothing else", async ({ page, axe }) => {
  await page.setViewportSize(NARROW);
  for (const [tile, asked] of [["Google", false], ["Microsoft", true], ["GitHub", false]] as const) {
    await page.goto("/console/connections/templates");
    await page.getByRole("link", { name: tile, exact: true }).click();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue(tile);
    await expect(page.getByLabel("Issuer")).toHaveCount(asked ? 1 : 0);
    await page.getByLabel("Client ID").fill("usher");
    await page.getByLabel("Client secret").fill("s3cret");
    await fits(page);
    await axe();
    await page.getByRole("button", { name: "Finish" }).click();
    if (asked) {
      await expect(page.getByLabel("Issuer")).toHaveAccessibleDescription(/Put the tenant's id in the place of TENANT/);
      continue;
    }
    await expect(page.getByRole("heading", { level: 1, name: tile })).toBeVisible();
    await expect(page.getByRole("region", { name: "Back-channel logout URL" })).toHaveCount(tile === "GitHub" ? 0 : 1);
    await fits(page);
  }
});

for (const claims of ["in the ID token", "at userinfo"] as const) {
  test(`a first sign-in makes an account here and there, with claims ${claims}`, async ({ page, visitor, usher, provider, scim2Server, axe }) => {
    await connect(page, scim2Server, { jitOutbound: true });
    await addProvider(page, provider, GLOBEX, claims);
    await changeTab(page, "Just-in-Time Provisioning", synchronized("Override all"));
    await provider.tell("freya");

    const phone = await visitor();
    await phone.goto("/sign-in");
    await expect(phone.getByRole("button", { name: `Continue with ${GLOBEX}` })).toBeVisible();
    await fits(phone);
    await axe(phone);
    await provider.signIn(phone, GLOBEX, "freya");
    await signedIn(phone);
    const linked = phone.getByRole("list", { name: "Linked accounts" });
    await expect(linked).toContainText(GLOBEX);
    await expect(linked).toContainText("freya@globex.example");
    await expect(phone.getByText("You have none: you sign in by one of the above.")).toBeVisible();
    await fits(phone);
    await axe(phone);
    await expect.poll(() => scim2Server.account("freya")).toMatchObject({
      name: { givenName: "Freya", familyName: "Fjord" },
      displayName: "Freya Fjord",
      emails: [{ value: "freya@globex.example" }],
      active: true,
    });
    const first = await user(usher, "freya");

    // What changes there changes here, and goes on.
    await provider.tell("freya", { name: "Freya Lund", family_name: "Lund", email: "lund@globex.example" });
    await provider.signIn(phone, GLOBEX, "freya");
    await signedIn(phone);
    await expect(phone.getByText("Lund", { exact: true })).toBeVisible();
    expect((await user(usher, "freya"))?.id).toBe(first?.id);
    await expect.poll(() => scim2Server.account("freya")).toMatchObject({
      name: { givenName: "Freya", familyName: "Lund" },
      displayName: "Freya Lund",
      emails: [{ value: "lund@globex.example" }],
    });

    // Deleted here, gone there, and signed out; whoever returns is somebody new.
    await page.goto(`/console/users/${first?.id}`);
    await page.getByRole("link", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("The user was deleted.")).toBeVisible();
    await expect.poll(() => scim2Server.accounts()).toEqual([]);
    await phone.goto("/account");
    await expect(phone).toHaveURL(/\/sign-in/);
    await provider.signIn(phone, GLOBEX, "freya");
    await signedIn(phone);
    await expect.poll(() => scim2Server.account("freya")).toMatchObject({ displayName: "Freya Lund" });
    expect((await user(usher, "freya"))?.id).not.toBe(first?.id);
    });
}

test("without JIT Outbound the account stays here", async ({ page, visitor, usher, provider, scim2Server }) => {
  await connect(page, scim2Server);
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const somebody = await visitor();
  await provider.signIn(somebody, GLOBEX, "freya");
  await signedIn(somebody);
  const freya = await user(usher, "freya");
  await page.goto(`/console/users/${freya?.id}`);
  await page.getByLabel("Display name").fill("Freya the Guide");
  await page.getByRole("button", { name: "Update" }).click();
  await expect.poll(async () => (await user(usher, "freya"))?.displayName).toBe("Freya the Guide");
  // Somebody added afterwards arrives: whatever was to come of the edit has had its turn.
  await usher.createUser(await usher.token("scim"), { userName: "grace" });
  await expect.poll(() => scim2Server.account("grace")).toBeDefined();
  expect((await scim2Server.accounts()).map(({ userName }) => userName)).toEqual(["grace"]);
});

test("a Blocking system that does not answer is waited for, then explained; nobody half exists", async ({ page, visitor, usher, provider, scim2Server, axe }) => {
  await connect(page, scim2Server, { jitOutbound: true, blocking: true, waitSeconds: 4 });
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const somebody = await visitor();
  scim2Server.freeze();
  await provider.signIn(somebody, GLOBEX, "freya");
  await expect(somebody.getByRole("heading", { level: 1, name: "One moment" })).toBeVisible();
  await expect(somebody.getByRole("main").getByRole("status")).toContainText(`${GLOBEX} knows you.`);
  await fits(somebody);
  expect(await user(usher, "freya"), "while it waits").toBeUndefined();
  await refused(somebody);
  await expect(somebody.getByRole("main")).toContainText(`Your account could not be made. ${scim2Server.name} does not answer at the moment.`);
  await expect(somebody.getByRole("main")).not.toContainText("127.0.0.1");
  await fits(somebody);
  await axe(somebody);
  expect(await user(usher, "freya")).toBeUndefined();
  await somebody.goto("/account");
  await expect(somebody).toHaveURL(/\/sign-in/);

  scim2Server.thaw();
  await expect(async () => {
    await provider.signIn(somebody, GLOBEX, "freya");
    await expect(somebody).toHaveURL(/\/account$/, { timeout: 8_000 });
  }).toPass();
  expect((await scim2Server.accounts()).map(({ userName }) => userName)).toEqual(["freya"]);
});

test("a Blocking system that is stopped refuses, and the next try works once it is back", async ({ page, visitor, usher, provider, scim2Server }) => {
  await connect(page, scim2Server, { jitOutbound: true, blocking: true, waitSeconds: 4 });
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const somebody = await visitor();
  await scim2Server.stop();
  await provider.signIn(somebody, GLOBEX, "freya");
  await refused(somebody);
  await expect(somebody.getByRole("main")).toContainText(`${scim2Server.name} does not answer at the moment.`);
  expect(await user(usher, "freya")).toBeUndefined();
  await scim2Server.start();
  await expect(async () => {
    await somebody.getByRole("button", { name: "Try again" }).click();
    await expect(somebody).toHaveURL(/\/account$/, { timeout: 8_000 });
  }).toPass();
  expect((await scim2Server.accounts()).map(({ userName }) => userName)).toEqual(["freya"]);
});

test("somebody waits for a slow Blocking system, and is in once it has the account", async ({ page, visitor, usher, provider, scim2Server }) => {
  await connect(page, scim2Server, { jitOutbound: true, blocking: true, waitSeconds: 30 });
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const somebody = await visitor();
  scim2Server.freeze();
  await provider.signIn(somebody, GLOBEX, "freya");
  await expect(somebody.getByRole("heading", { level: 1, name: "One moment" })).toBeVisible();
  scim2Server.thaw();
  await signedIn(somebody);
  expect((await scim2Server.accounts()).map(({ userName }) => userName)).toEqual(["freya"]);
});

test("somebody is asked before an account is made", async ({ page, visitor, usher, provider, axe }) => {
  await addProvider(page, provider, GLOBEX);
  await changeTab(page, "Just-in-Time Provisioning", async (form) => {
    await form.getByLabel("Provisioning scheme").selectOption({ label: "Prompt for consent" });
  });
  await provider.tell("freya");
  const somebody = await visitor();
  await provider.signIn(somebody, GLOBEX, "freya");
  await expect(somebody.getByRole("heading", { level: 1, name: "Create your account?" })).toBeVisible();
  await expect(somebody.getByRole("main")).toContainText("freya@globex.example");
  await fits(somebody);
  await axe(somebody);
  await somebody.getByRole("link", { name: "Cancel" }).click();
  await expect(somebody.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(await user(usher, "freya")).toBeUndefined();
  await provider.signIn(somebody, GLOBEX, "freya");
  await somebody.getByRole("button", { name: "Create my account" }).click();
  await signedIn(somebody);
  // Once.
  await provider.signIn(somebody, GLOBEX, "freya");
  await signedIn(somebody);
});

test("the page that asks is for the browser that came by it", async ({ page, visitor, usher, provider, guard }) => {
  await addProvider(page, provider, GLOBEX);
  await changeTab(page, "Just-in-Time Provisioning", async (form) => {
    await form.getByLabel("Provisioning scheme").selectOption({ label: "Prompt for consent" });
  });
  await provider.tell("freya");
  const [one, other] = [await visitor(), await visitor()];
  await provider.signIn(one, GLOBEX, "freya");
  await expect(one.getByRole("heading", { level: 1, name: "Create your account?" })).toBeVisible();
  // Somebody is sent the address, to be signed in as somebody else.
  guard.expectStatus(404);
  await other.goto(one.url());
  const agree = other.getByRole("button", { name: "Create my account" });
  if ((await agree.count()) > 0) await agree.click();
  await other.goto("/account");
  await expect(other).toHaveURL(/\/sign-in/);
  expect(await user(usher, "freya")).toBeUndefined();
  await one.getByRole("button", { name: "Create my account" }).click();
  await signedIn(one);
});

test("nobody is asked about an account that cannot be made", async ({ page, visitor, provider }) => {
  await addProvider(page, provider, GLOBEX);
  await changeTab(page, "Just-in-Time Provisioning", async (form) => {
    await form.getByLabel("Provisioning scheme").selectOption({ label: "Prompt for consent" });
  });
  await provider.tell("freya", { preferred_username: ["no", "text"] });
  const somebody = await visitor();
  await provider.signIn(somebody, GLOBEX, "freya");
  await refused(somebody);
  await expect(somebody.getByRole("main")).toContainText("the claim “preferred_username” is no text");
});

test("signing out goes on to the provider, and its own sign-out ends the sessions here", async ({ page, visitor, usher, provider, axe }) => {
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const [phone, desk] = [await visitor(), await visitor()];
  await provider.signIn(phone, GLOBEX, "freya");
  await signedIn(phone);
  await provider.signIn(desk, GLOBEX, "freya");
  await signedIn(desk);
  await phone.getByRole("button", { name: "Sign out" }).click();
  await expect(phone.getByRole("heading", { level: 1, name: "Sign out" })).toBeVisible();
  expect(phone.url()).toContain(provider.issuer);
  await phone.getByRole("button", { name: "Sign out here too" }).click();
  await expect(phone.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await axe(phone);
  await provider.goTo(phone, GLOBEX);

  // Another provider's session of the same person goes on: the sign-out named the other one.
  await desk.reload();
  await signedIn(desk);
  // Signed out there, by whatever way: this browser's session here ends by the back channel.
  await desk.goto(`${provider.issuer}/session/end`);
  await desk.getByRole("button", { name: "Sign out here too" }).click();
  await expect(desk.getByRole("heading", { level: 1, name: "Signed out" })).toBeVisible();
  await expect(async () => {
    await desk.goto("/account");
    await expect(desk).toHaveURL(/\/sign-in/, { timeout: 1_000 });
  }).toPass();
});

test("groups of the provider have a meaning here, and attributes are tried", async ({ page, visitor, usher, provider, hydrated, axe }) => {
  const token = await usher.token("scim");
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
  for (const displayName of ["Engineering", "Sales"]) await usher.json(token, "POST", "/scim2/Groups", { schemas, displayName });
  await addProvider(page, provider, GLOBEX);
  await page.getByRole("link", { name: "Groups", exact: true }).last().click();
  await page.getByLabel("Groups", { exact: true }).fill("eng means Engineering");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Groups", { exact: true })).toHaveAccessibleDescription(/“eng means Engineering” is not understood/);
  await axe();
  await page.getByLabel("Groups", { exact: true }).fill("eng = Engineering\nsell = Sales");
  await page.getByLabel("Group synchronization").selectOption({ label: "Override: of the groups below, those alone that the claim names" });
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();

  await page.getByRole("link", { name: "Attributes", exact: true }).last().click();
  const sample = page.getByLabel("Try it with these claims");
  await sample.fill("nonsense");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(sample).toHaveAccessibleDescription(/This is no JSON object/);
  await sample.fill(JSON.stringify({ upn: "freya", email: "freya@globex.example", groups: ["sell", "other"] }));
  await page.getByLabel("User name").fill("upn");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("User name: freya")).toBeVisible();
  await expect(page.getByText("Groups: Sales")).toBeVisible();
  await expect(page.getByText("freya@globex.example").last()).toBeVisible();
  await hydrated();
  await axe();
  await sample.fill(JSON.stringify({ upn: 7 }));
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Nobody comes of these claims")).toBeVisible();
  await expect(page.getByText("the claim “upn” is no text.")).toBeVisible();
  await page.getByLabel("User name").fill("preferred_username");
  await sample.fill("");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Nobody comes of these claims")).toHaveCount(0);
  await page.setViewportSize(NARROW);
  for (const tab of ["Settings", "Attributes", "Groups", "Just-in-Time Provisioning"]) {
    await page.getByRole("navigation", { name: GLOBEX }).getByRole("link", { name: tab, exact: true }).click();
    await expect(page.getByRole("heading", { level: 2, name: tab })).toBeVisible();
    await fits(page);
    await axe();
  }

  const groups = async () => {
    const found = await usher.json(token, "GET", "/scim2/Groups");
    return found.Resources.filter((group: Json) => (group.members ?? []).length > 0).map((group: Json) => group.displayName);
  };
  const somebody = await visitor();
  await provider.tell("freya", { groups: ["eng", "unknown"] });
  await provider.signIn(somebody, GLOBEX, "freya");
  await signedIn(somebody);
  expect(await groups()).toEqual(["Engineering"]);
  await provider.tell("freya", { groups: ["sell"] });
  await provider.signIn(somebody, GLOBEX, "freya");
  await signedIn(somebody);
  expect(await groups()).toEqual(["Sales"]);
});

test("an account that is there is linked by its verified address where that is allowed, and let go again", async ({ page, visitor, usher, provider, guard, axe }) => {
  const token = await usher.token("scim");
  const emails = [{ value: "freya@globex.example", primary: true }];
  const password = "four words in a row";
  await usher.createUser(token, { userName: "local", emails, password });
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const somebody = await visitor();
  await provider.signIn(somebody, GLOBEX, "freya");
  await refused(somebody);
  await expect(somebody.getByRole("main")).toContainText("There is an account here already");
  await somebody.getByRole("link", { name: "Sign in another way" }).click();
  await expect(somebody.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await changeTab(page, "Just-in-Time Provisioning", async (form) => {
    await form.getByRole("checkbox", { name: "Link account if the verified mail address is the same" }).check();
  });
  await provider.tell("freya", { email_verified: false });
  await provider.signIn(somebody, GLOBEX, "freya");
  await refused(somebody);
  await provider.tell("freya");
  await provider.signIn(somebody, GLOBEX, "freya");
  await signedIn(somebody);
  await expect(somebody.getByText("local", { exact: true })).toBeVisible();
  expect(await user(usher, "freya")).toBeUndefined();
  await axe(somebody);
  // This browser had come by it: the page finds that its session is over.
  guard.expectStatus(401);
  await somebody.getByRole("list", { name: "Linked accounts" }).getByRole("button", { name: "Unlink" }).click();
  await expect(somebody).toHaveURL(/\/sign-in/);
  await somebody.getByLabel("User name or mail address").fill("local");
  await somebody.getByLabel("Password").fill(password);
  await somebody.getByRole("button", { name: "Sign in" }).click();
  await signedIn(somebody);
  await expect(somebody.getByRole("list", { name: "Linked accounts" })).toHaveCount(0);
});

test("the only way in is not let go, and whoever turns back at the provider is told so", async ({ page, visitor, usher, provider }) => {
  await addProvider(page, provider, GLOBEX);
  await provider.tell("freya");
  const somebody = await visitor();
  await provider.signIn(somebody, GLOBEX, "freya");
  await signedIn(somebody);
  await somebody.getByRole("list", { name: "Linked accounts" }).getByRole("button", { name: "Unlink" }).click();
  await expect(somebody.getByText("It is your only way in: set a password first.")).toBeVisible();
  await expect(somebody.getByRole("list", { name: "Linked accounts" })).toContainText(GLOBEX);
  await fits(somebody);
  await somebody.context().clearCookies();
  await provider.goTo(somebody, GLOBEX);
  await somebody.getByRole("button", { name: "Cancel" }).click();
  await refused(somebody);
  await expect(somebody.getByText("The sign-in was cancelled there.")).toBeVisible();
  await somebody.getByRole("button", { name: "Try again" }).click();
  await expect(somebody.getByRole("heading", { level: 1, name: "Log in" })).toBeVisible();
});
