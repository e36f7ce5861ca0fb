// Console roles: given, seen from inside, taken; and users locked out.
import type { Browser, Page } from "@playwright/test";
import { ADMIN, test, expect } from "./support/fixtures";
import type { Json, Usher } from "./support/usher";

const PASSWORD = "four words in a row";

test.beforeEach(async ({ signIn }) => signIn());

async function person(usher: Usher, userName: string, displayName: string): Promise<string> {
  const { id } = await usher.createUser(await usher.token("scim"), { userName, displayName, password: PASSWORD });
  return id;
}

/** A window of their own, at the door. */
async function elsewhere(browser: Browser, usher: Usher, javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({ baseURL: usher.url, javaScriptEnabled });
  return context.newPage();
}

async function knock(page: Page, userName: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill(userName);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function enter(page: Page, userName: string): Promise<void> {
  await knock(page, userName);
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Through the page Roles. */
async function give(page: Page, role: string, search: string, name: string): Promise<void> {
  await page.goto("/console/roles");
  await page.getByRole("link", { name: `Add a user to the role ${role}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("User", { exact: true }).fill(search);
  await dialog.getByRole("button", { name: "Find" }).click();
  await dialog.getByRole("button", { name: `Give the role to ${name}` }).click();
  await expect(page.getByText(`${name} now holds the role ${role}.`)).toBeVisible();
  await expect(page.getByRole("table", { name: `Who holds the role ${role}` })).toContainText(name);
}

/** Everything that could be changed from this page: buttons of forms that post, and links to what adds or deletes. */
async function open(page: Page, path: string): Promise<string[]> {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBe(200);
  await expect(page.getByRole("heading").first(), path).toBeVisible();
  const own = ["sign-out", "appearance", "end-others", "columns"];
  return page.evaluate((own) => {
    const forms = Array.from(document.querySelectorAll<HTMLFormElement>("form[method=post]"));
    const strangers = forms.filter((form) => !own.includes(form.getAttribute("id") ?? "") && !/^end-[0-9a-f-]+$/.test(form.getAttribute("id") ?? ""));
    const buttons = strangers
      .flatMap((form) => Array.from(form.elements))
      .filter((button) => button.matches("button[type=submit]:not([formmethod=get])"))
      .map((button) => `${(button as HTMLButtonElement).form?.getAttribute("id")}: ${button.textContent}`);
    const links = Array.from(document.querySelectorAll("a.button-primary, a.button-danger"), (link) => link.textContent ?? "");
    return [...buttons, ...links.filter((link) => link !== "Close")];
  }, own);
}

/** Pages from which an administrator certainly changes something. */
const CHANGES =
  /\/(users|groups|attributes|imports|tokens|attributes\/[^/]+)\/new$|\/(users|groups|attributes)\/[^/]+\/delete$|\/(password|disable|members\/add|groups\/assign)$|\/console\/(connections|groups|attributes|users)$/;

/** The pages of an Usher with somebody whose account waits for a system that is not there; `page` is an administrator's. */
async function places(usher: Usher, page: Page): Promise<string[]> {
  const token = await usher.token("admin");
  const post = (path: string, body: Json) => usher.json(token, "POST", path, body);
  const connection = await post("/api/v1/connections", { name: "Acme Cloud" });
  const connector = await post(`/api/v1/connections/${connection.id}/connectors`, {
    kind: "scim2",
    enabled: true,
    properties: { authentication_mode: "none", user_endpoint: "http://127.0.0.1:9/scim/Users" },
  });
  const provisioner = await post("/api/v1/provisioners", { connection_id: connection.id, connector_id: connector.id });
  const user = await usher.createUser(token, { userName: "grace", displayName: "Grace Hopper" });
  const { items } = await usher.json(token, "GET", `/api/v1/users/${user.id}/deliveries`);
  const group = await post("/scim2/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "Analysts",
    members: [{ value: user.id }],
  });
  const schema = await post("/api/v1/schemas", {
    urn: "urn:example:scim:schemas:2.0:Staff",
    name: "Staff",
    attributes: [{ name: "badgeNumber" }],
  });
  const events = await usher.json(token, "GET", "/api/v1/audit?limit=1");
  const users = ["", "/roles", "/groups", "/groups/assign", "/history", "/sessions", "/provisioning", "/password", "/disable", "/delete"];
  await page.goto(`/console/attributes/${schema.id}`);
  const badge = (await page.getByRole("link", { name: "badgeNumber" }).getAttribute("href"))?.split("/").at(-1);
  return [
    ...["", "/connections", "/connections/templates/custom-connector", "/login-and-registration", "/activity", "/users", "/roles"],
    ...["", "/delete", "/outbound-provisioning", "/outbound-provisioning/new"].map((part) => `/connections/${connection.id}${part}`),
    ...["", "/new", `/${provisioner.id}`, `/${provisioner.id}/delete`].map((part) => `/outbound-provisioning-settings${part}`),
    ...users.map((part) => `/users/${user.id}${part}`),
    ...["", "/new"].flatMap((part) => [`/groups${part}`, `/attributes${part}`]),
    ...["", "/members", "/members/add", "/delete"].map((part) => `/groups/${group.id}${part}`),
    ...["", "/new", `/${badge}`, `/${badge}/delete`, "/delete"].map((part) => `/attributes/${schema.id}${part}`),
    ...["/users/imports/new", "/logs", `/logs/${events.items[0].number}`],
    ...["/users/new", `/users/${user.id}/provisioning/${items[0].id}`, `/activity/${items[0].id}`],
    ...["/roles/operator/add?search=grace", `/roles/${user.id}/remove`],
    ...["/settings", "/settings/tokens/new", "/settings/sessions", "/settings/appearance", "/settings/about"],
  ].map((path) => `/console${path}`);
}

test("an auditor sees everything and can change nothing but their own; demoted, they see nothing", async ({ page, browser, usher, javaScriptEnabled, axe }) => {
  test.setTimeout(180_000);
  await person(usher, "ada", "Ada Lovelace");
  const pages = await places(usher, page);
  const changing = pages.filter((path) => CHANGES.test(path));
  expect(changing.length).toBeGreaterThan(15);
  for (const path of changing) expect(await open(page, path), path).not.toEqual([]);
  await page.goto("/console");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await expect(page.getByRole("table", { name: "Who holds the role Administrator" })).toContainText(ADMIN.username);
  await expect(page.getByText("Nobody holds this role.")).toHaveCount(2);
  await axe();
  await give(page, "Auditor", "lovelace", "Ada Lovelace");
  await axe();

  const theirs = await elsewhere(browser, usher, javaScriptEnabled);
  await enter(theirs, "ada");
  const usable: Record<string, string[]> = {};
  for (const path of pages) {
    const found = await open(theirs, path);
    if (found.length > 0) usable[path] = found;
  }
  expect(usable, "what an auditor could still press").toEqual({});
  await theirs.goto("/console/users");
  await expect(theirs.getByRole("button", { name: "+ Add User" })).toHaveAccessibleDescription(/reads only/);
  for (const path of ["/users/new", "/users/imports/new"]) {
    await theirs.goto(`/console${path}`);
    await expect(theirs.getByRole("button", { name: "Next" })).toHaveAccessibleDescription(/reads only/);
  }
  await theirs.goto("/console/roles");
  await expect(theirs.getByRole("button", { name: "Add" }).first()).toHaveAccessibleDescription(/Only administrators/);
  await axe(theirs);
  await theirs.getByRole("link", { name: "Ada Lovelace" }).click();
  await expect(theirs.getByRole("radio", { name: "Auditor" })).toBeChecked();
  await expect(theirs.getByRole("button", { name: "Update" })).toHaveAccessibleDescription(/Only administrators/);
  await axe(theirs);

  await page.goto("/console/roles");
  await page.getByRole("link", { name: "Remove Ada Lovelace from the role Auditor" }).click();
  await axe();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Ada Lovelace holds no console role any more.")).toBeVisible();
  await theirs.goto("/console/users");
  await expect(theirs).toHaveURL(/sign-in/);
  await theirs.context().close();
});

test("an operator sees to deliveries and to nothing else", async ({ page, browser, usher, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  const id = await person(usher, "ada", "Ada Lovelace");
  const pages = await places(usher, page);
  await page.goto(`/console/users/${id}`);
  await page.getByRole("navigation", { name: "Ada Lovelace" }).getByRole("link", { name: "Roles" }).click();
  await page.getByRole("radio", { name: "Provisioning operator" }).check();
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Ada Lovelace now holds the role Provisioning operator.")).toBeVisible();
  await expect(page.getByRole("radio", { name: "Provisioning operator" })).toBeChecked();

  const theirs = await elsewhere(browser, usher, javaScriptEnabled);
  await enter(theirs, "ada");
  for (const path of pages) {
    const strange = (await open(theirs, path)).filter((button) => !/retry|provision-user|provision-now|Provision now|Retry/i.test(button));
    expect(strange, path).toEqual([]);
  }
  await theirs.goto("/console/activity");
  await expect(theirs.getByRole("button", { name: /^Retry/ }).first()).toBeEnabled();
  await theirs.context().close();
});

test("somebody without a role signs in to their own account alone", async ({ browser, usher, javaScriptEnabled, guard }) => {
  guard.expectStatus(403);
  await person(usher, "ada", "Ada Lovelace");
  const theirs = await elsewhere(browser, usher, javaScriptEnabled);
  await enter(theirs, "ada");
  await expect(theirs.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
  await theirs.goto("/console/users");
  await expect(theirs.getByText("Your role does not include this.").first()).toBeVisible();
  await theirs.goto("/console/settings/sessions");
  await expect(theirs.getByRole("table")).toContainText("This session");
  await theirs.context().close();
});

test("the last administrator keeps the role, and a second one takes their place", async ({ page, usher, axe }) => {
  await person(usher, "ada", "Ada Lovelace");
  await page.goto("/console/roles");
  await page.getByRole("table", { name: "Who holds the role Administrator" }).getByRole("link", { name: ADMIN.username, exact: true }).click();
  await expect(page.getByRole("button", { name: "Update" })).toHaveAccessibleDescription(/last administrator/);
  await axe();
  await page.goto("/console/roles");
  await page.getByRole("link", { name: `Remove ${ADMIN.username} from the role Administrator` }).click();
  await expect(page.getByRole("button", { name: "Remove" })).toHaveAccessibleDescription(/last administrator/);
  await axe();
  await page.goto("/console/roles/auditor/add?search=" + ADMIN.username);
  await expect(page.getByRole("button", { name: /^Give the role/ })).toHaveAccessibleDescription(/last administrator/);
  await give(page, "Administrator", "ada", "Ada Lovelace");
  await page.getByRole("link", { name: `Remove ${ADMIN.username} from the role Administrator` }).click();
  await expect(page.getByText("This is you: you are signed out by it.")).toBeVisible();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page).toHaveURL(/sign-in/);
  await enter(page, "ada");
  await page.goto("/console/roles");
  await expect(page.getByRole("table")).toHaveCount(1);
  await expect(page.getByRole("link", { name: /^Remove/ })).toHaveCount(1);
});

test("a user is locked out and let in again", async ({ page, browser, usher, javaScriptEnabled, axe }) => {
  const id = await person(usher, "ada", "Ada Lovelace");
  const theirs = await elsewhere(browser, usher, javaScriptEnabled);
  await enter(theirs, "ada");
  await page.goto(`/console/users/${id}`);
  await page.getByRole("button", { name: "Lock", exact: true }).click();
  await expect(page.getByText("The user is locked.")).toBeVisible();
  await expect(page.getByText(/^Locked: this user cannot sign in here/)).toBeVisible();
  await axe();
  await theirs.goto("/console");
  await expect(theirs).toHaveURL(/sign-in/);
  await knock(theirs, "ada");
  await expect(theirs.getByText("The user name or password is not right.")).toBeVisible();
  await page.getByRole("button", { name: "Unlock", exact: true }).click();
  await expect(page.getByText("The user is unlocked.")).toBeVisible();
  await enter(theirs, "ada");
  await theirs.context().close();
});

test("nothing is wider than a narrow window", async ({ page, usher }) => {
  const id = await person(usher, "ada", "Ada Lovelace");
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ["/roles", "/roles/auditor/add", "/roles/auditor/add?search=ada", `/roles/${id}/remove`, `/users/${id}/roles`]) {
    await page.goto(`/console${path}`);
    await expect(page.getByRole("heading").first()).toBeVisible();
    const content = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(content, path).toBeLessThanOrEqual(360);
  }
});
