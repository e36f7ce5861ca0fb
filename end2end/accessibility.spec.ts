// Every page, whoever opens it and however: light and dark, narrow and enlarged, by keyboard alone. Add a page here
// when it gets its address in app/src/routes.rs; steps of wizards and dialogs after a choice are in their flows' specs.
import type { Browser, Page } from "@playwright/test";
import { addProvider, allowRegistration, changeTab } from "./support/console";
import { expect, testWithMail as test } from "./support/fixtures";
import { type Mailbox, linkIn } from "./support/mailbox";
import type { Provider } from "./support/provider";
import type { Usher } from "./support/usher";

const NARROW = { width: 360, height: 740 };
/** What a window of 1280 has left at 200 %. */
const ENLARGED = { width: 640, height: 512 };

for (const theme of ["light", "dark"] as const) {
  test(`every page is for everybody (${theme})`, async ({ page, browser, usher, mailbox, provider, visitor, signIn, axe, javaScriptEnabled }) => {
    test.skip(theme === "dark" && !javaScriptEnabled, "the colours are the same as with JavaScript");
    test.setTimeout(300_000);
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.goto("/sign-in");
    await axe();
    await signIn();
    const under = await signIns(page, await visitor(), provider);
    for (const path of [...(await pages(usher)), ...(await doors(page, browser, usher, mailbox)), ...under]) {
      await open(page, path);
      await axe();
    }
  });
}

test("no page scrolls sideways, narrow or enlarged", async ({ page, browser, usher, mailbox, provider, visitor, signIn }) => {
  test.setTimeout(240_000);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn();
  const wide: string[] = [];
  const under = await signIns(page, await visitor(), provider);
  for (const path of ["/sign-in", ...(await pages(usher)), ...(await doors(page, browser, usher, mailbox)), ...under]) {
    await open(page, path);
    for (const size of [NARROW, ENLARGED]) {
      await page.setViewportSize(size);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > size.width) wide.push(`${path} is ${width} wide in ${size.width}`);
    }
  }
  expect(wide).toEqual([]);
});

test("the console is used by keyboard alone", async ({ page, signIn, hydrated, javaScriptEnabled }) => {
  await signIn();
  await page.goto("/console");
  await hydrated();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeInViewport();
  await page.keyboard.press("Enter");
  if (javaScriptEnabled) await expect(page.getByRole("main")).toBeFocused();

  await tabTo(page, "Connections");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
  await tabTo(page, "+ New Connection");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Custom Connector" })).toBeVisible();
  await tabTo(page, "Custom Connector");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByLabel("Name")).toBeFocused();
  await page.keyboard.type("Acme Cloud");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Payroll");
  await tabTo(page, "Finish");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Acme Cloud" })).toBeVisible();

  await page.getByLabel(/^Account of/).focus();
  await page.keyboard.press("Enter");
  await tabTo(page, "Sign out");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("User name")).toBeVisible();
});

/** Presses Tab until the control of this name has the focus, as somebody does who knows the page. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim());
    if (focused === name) return;
  }
  throw new Error(`"${name}" is not reached with Tab`);
}

async function open(page: Page, path: string): Promise<void> {
  const response = await page.goto(path);
  expect(response?.status(), path).toBe(200);
  await expect(page.getByRole("heading").first(), path).toBeVisible();
}

/** Of an Usher with somebody whose account waits for a system that is not there. */
async function pages(usher: Usher): Promise<string[]> {
  const token = await usher.token("admin");
  const connection = await usher.json(token, "POST", "/api/v1/connections", { name: "Acme Cloud", description: "Payroll" });
  const connector = await usher.json(token, "POST", `/api/v1/connections/${connection.id}/connectors`, {
    kind: "scim2",
    enabled: true,
    properties: { authentication_mode: "bearer", access_token: "t", user_endpoint: "http://127.0.0.1:9/scim/Users" },
  });
  const provisioner = await usher.json(token, "POST", "/api/v1/provisioners", {
    connection_id: connection.id,
    connector_id: connector.id,
  });
  const schema = await usher.json(token, "POST", "/api/v1/schemas", {
    urn: "urn:example:scim:schemas:2.0:Staff",
    name: "Staff",
    description: "People who work here.",
    attributes: [
      { name: "badgeNumber", label: "Badge number", unique: true },
      { name: "team", canonical_values: ["Red", "Green"] },
      { name: "tags", multi_valued: true },
    ],
  });
  const user = await usher.createUser(token, { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" } });
  const { items } = await usher.json(token, "GET", `/api/v1/users/${user.id}/deliveries`);
  const group = await usher.json(token, "POST", "/scim2/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "Tour Guides",
    members: [{ value: user.id }],
  });
  const below = (base: string, ...rest: string[]) => ["", ...rest].map((part) => `${base}${part}`);
  return [
    ...below("/account", "/profile", "/address", "/address/nothing", "/password"),
    ...below("/account/second-factors", "/app", "/passkey", `/${user.id}/remove`, `/codes/${user.id}`),
    ...below("/console", "/login-and-registration", "/search", "/search?q=a", "/search?q=zebra", "/shortcuts"),
    ...below("/console/connections", "?search=zebra", "/templates", "/templates/custom-connector"),
    ...["standard-based-idp", "google", "microsoft", "github"].map((tile) => `/console/connections/templates/${tile}`),
    ...below(`/console/connections/${connection.id}`, "/delete", "/outbound-provisioning", "/outbound-provisioning/new"),
    `/console/connections/${connection.id}/outbound-provisioning/${connector.id}/delete`,
    ...below("/console/outbound-provisioning-settings", "/new", `/${provisioner.id}`, `/${provisioner.id}/delete`),
    ...below("/console/users", "?search=zebra", "?accounts=waiting&role=auditor&sort=newest", "/new", "/imports", "/imports/new"),
    ...below(`/console/users/${user.id}`, "/password", "/disable", "/delete", "/roles", "/sessions", "/provisioning", "/history"),
    ...below("/console/roles", "/operator/add", "/operator/add?search=ada", `/${user.id}/remove`),
    `/console/users/${user.id}/provisioning/${items[0].id}`,
    ...below(`/console/users/${user.id}/groups`, "/assign"),
    ...below("/console/groups", "?search=zebra", "/new"),
    ...below(`/console/groups/${group.id}`, "/delete", "/members", "/members?search=zebra", "/members/add"),
    ...below("/console/attributes", "/new"),
    ...below(`/console/attributes/${schema.id}`, "/new", "/delete"),
    ...below("/console/activity", `/${items[0].id}`),
    ...below("/console/logs", "?about=zebra", "/1", "/2"),
    ...below("/console/settings", "/tokens/new", "/sessions", "/appearance", "/about", "/branding", "/mail", "/mail/verification"),
    ...["/console/self-registration", "/console/my-account", "/console/multi-factor-authentication"],
  ];
}

/** What stands before the console, links in each state; and the list of what was sent for it, and what could not be. */
async function doors(page: Page, browser: Browser, usher: Usher, mailbox: Mailbox): Promise<string[]> {
  await allowRegistration(page);
  const visitor = await browser.newPage({ baseURL: usher.url });
  const verify = async (mail: string) => {
    await visitor.goto("/register");
    await visitor.getByLabel("First name").fill("Mary");
    await visitor.getByLabel("Last name").fill("Somerville");
    await visitor.getByLabel("Mail address").fill(mail);
    await visitor.getByLabel("Password", { exact: true }).fill("four words in a row");
    await visitor.getByRole("button", { name: "Register", exact: true }).click();
    return new URL(linkIn(await mailbox.mailTo(mail), "/register/verify/")).pathname;
  };
  const used = await verify("mary@example.org");
  await visitor.goto(used);
  await visitor.getByRole("button", { name: "Confirm and go on" }).click();
  await expect(visitor).toHaveURL(/\/account$/);
  const open = await verify("sofia@a-name-that-is-rather-long-for-a-telephone.example.org");
  await visitor.close();

  const emails = [{ value: "grace@example.org" }];
  const { id } = await usher.createUser(await usher.token("scim"), { userName: "grace", emails });
  const invite = async () => {
    await page.goto(`/console/users/${id}/password`);
    await page.getByRole("radio", { name: "Send the user a link by mail" }).check();
    await page.getByRole("button", { name: "Reset password" }).click();
    await expect(page).toHaveURL(new RegExp(`/users/${id}$`));
  };
  await invite();
  const password = new URL(linkIn(await mailbox.mailTo("grace@example.org"), "/set-password/")).pathname;
  await mailbox.refuse("550 5.1.1 No such mailbox");
  await invite();
  await expect(async () => {
    await page.goto("/console/activity/mails?state=failed");
    await expect(page.getByRole("button", { name: "Send now" })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  const below = (base: string, ...rest: string[]) => ["", ...rest].map((part) => `${base}${part}`);
  return [
    ...below("/forgot-password", "/sent"),
    ...below("/register", "/sent", "/verify/nothing"),
    ...[used, open, password],
    "/set-password/nothing",
    ...below("/console/activity/mails", "?state=failed", "?state=dropped"),
  ];
}

/** A connection that signs people in, what it found, and a sign-in that asks, one that was refused, and none. */
async function signIns(page: Page, somebody: Page, provider: Provider): Promise<string[]> {
  await addProvider(page, provider, "Globex");
  const connection = new URL(page.url()).pathname.replace(/\/settings$/, "");
  await page.getByRole("button", { name: "Test sign-in" }).click();
  await expect(page.getByRole("list", { name: "Checks" })).toBeVisible();
  const tested = new URL(page.url()).pathname;
  await changeTab(page, "Attributes", async (form) => {
    await form.getByLabel("Try it with these claims").fill('{"preferred_username": "freya", "email": "freya@globex.example"}');
  });
  await changeTab(page, "Just-in-Time Provisioning", async (form) => {
    await form.getByLabel("Provisioning scheme").selectOption({ label: "Prompt for consent" });
  });
  await provider.tell("freya", { email: "freya@a-name-that-is-rather-long-for-a-telephone.example.org" });
  await provider.signIn(somebody, "Globex", "freya");
  await expect(somebody.getByRole("heading", { level: 1, name: "Create your account?" })).toBeVisible();
  const asks = new URL(somebody.url()).pathname;
  await somebody.context().clearCookies();
  await provider.goTo(somebody, "Globex");
  await somebody.getByRole("button", { name: "Cancel" }).click();
  await expect(somebody.getByRole("heading", { level: 1, name: "You are not signed in" })).toBeVisible();
  const refused = new URL(somebody.url()).pathname;
  const tabs = ["settings", "claims", "groups", "just-in-time-provisioning", "outbound-provisioning"];
  return [...tabs.map((tab) => `${connection}/${tab}`), tested, asks, refused, "/sign-in/under-way/nothing"];
}
