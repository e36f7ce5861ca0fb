// Flow 4: Users, from the list to an account that is gone in a real external system.
import type { Page } from "@playwright/test";
import { connect } from "./support/console";
import { ADMIN, test as base, expect } from "./support/fixtures";
import { Target } from "./support/target";

const PASSWORD = "four words in a row";

const test = base.extend<{ kind: "scim2-server" | "scimmy"; target: Target }>({
  kind: ["scim2-server", { option: true }],
  target: async ({ kind }, use) => {
    const target = await (kind === "scimmy" ? Target.scimmy() : Target.scim2Server());
    await use(target);
    await target.dispose();
  },
});

test.beforeEach(async ({ signIn }) => signIn());

type Person = { userName: string; email?: string; given?: string; family?: string };

/** User Management → Users → Add User → … → the summary. */
async function fillIn(page: Page, person: Person, password?: string): Promise<void> {
  await page.goto("/console/users");
  await page.getByRole("link", { name: "Add User" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill(person.userName);
  await dialog.getByLabel("Email").fill(person.email ?? "");
  await dialog.getByLabel("First Name").fill(person.given ?? "");
  await dialog.getByLabel("Last Name").fill(person.family ?? "");
  await dialog.getByRole("button", { name: "Next" }).click();
  await choosePassword(page, password);
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByText(person.userName, { exact: true })).toBeVisible();
}

async function choosePassword(page: Page, password?: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  if (password === undefined) {
    await dialog.getByRole("radio", { name: "Invite user to set their own password" }).check();
    await expect(dialog.getByLabel("Password", { exact: true })).toBeHidden();
  } else {
    await dialog.getByRole("radio", { name: "Set a password for the user" }).check();
    await dialog.getByLabel("Password", { exact: true }).fill(password);
  }
}

/** The whole wizard; answers what it hands over. */
async function add(page: Page, person: Person, password?: string): Promise<string> {
  await fillIn(page, person, password);
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("heading", { name: "Hand over" })).toBeVisible();
  const handed = await page.getByRole("dialog").locator("pre").innerText();
  await page.getByRole("link", { name: "Done" }).click();
  await expect(page.getByRole("heading", { name: "Hand over" })).toBeHidden();
  return handed;
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name, exact: true }).last().click();
}

/** Reads the tab Provisioning until it says so: by itself where the page is alive, else by its link. */
async function provisioningSays(page: Page, system: string, text: RegExp): Promise<void> {
  const row = page.getByRole("table", { name: "Accounts" }).getByRole("row", { name: new RegExp(system) });
  await expect(async () => {
    const refresh = page.getByRole("link", { name: "Refresh" });
    if (await refresh.isVisible()) await refresh.click();
    await expect(row).toContainText(text, { timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
}

test("the list is searched by name, user name and mail, and narrowed by state", async ({ page, usher, axe }) => {
  const token = await usher.token("scim");
  await usher.createUser(token, { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" } });
  await usher.createUser(token, { userName: "grace", emails: [{ value: "hopper@navy.example" }] });
  await usher.createUser(token, { userName: "joan", active: false });
  await page.goto("/console");
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await expect(page.getByRole("row")).toHaveCount(5);
  await expect(page.getByRole("row", { name: /Ada Lovelace/ })).toContainText("Active");
  await axe();
  // The filter is drawn again with its list: each step finds somebody else, so that what is seen is its own answer.
  for (const [text, name] of [["love", "Ada Lovelace"], ["gra", "grace"], ["lovelace ad", "Ada Lovelace"], ["HOPPER@", "grace"]]) {
    await page.getByLabel("Search", { exact: true }).fill(text);
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await expect(page.getByRole("row")).toHaveCount(2);
    await expect(page.getByRole("link", { name })).toBeVisible();
  }
  await page.getByLabel("Search", { exact: true }).fill("nobody like this");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("No results found")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Show everybody" }).click();
  await expect(page.getByRole("row")).toHaveCount(5);
  await page.getByRole("combobox", { name: "Account Status" }).selectOption({ label: "Disabled" });
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("row", { name: /joan/ })).toContainText("Disabled");
});

test("a long list is turned page by page", async ({ page, usher }) => {
  const token = await usher.token("scim");
  for (let number = 0; number < 60; number++) await usher.createUser(token, { userName: `user${number}` });
  await page.goto("/console/users?search=user");
  await expect(page.getByRole("row")).toHaveCount(51);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByRole("row")).toHaveCount(11);
  await expect(page.getByRole("link", { name: "Next page" })).toHaveCount(0);
  await page.getByRole("link", { name: "First page" }).click();
  await expect(page.getByRole("row")).toHaveCount(51);
});

/** User names, from top to bottom. */
async function listed(page: Page): Promise<string[]> {
  return page.getByRole("table", { name: "Users" }).locator("td[data-label='User name']").allInnerTexts();
}

async function search(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Search", exact: true }).click();
}

async function select(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) await page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
}

test("the list is narrowed by group, origin, role and accounts, and sorted", async ({ page, usher, axe }) => {
  const token = await usher.token("scim");
  const ids: string[] = [];
  for (const userName of ["cleo", "ada", "bea"]) ids.push((await usher.createUser(token, { userName })).id);
  const group = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Tour Guides" };
  await usher.json(token, "POST", "/scim2/Groups", { ...group, members: [{ value: ids[0] }, { value: ids[2] }] });
  await page.goto("/console/users");
  expect(await listed(page)).toEqual(["ada", ADMIN.username, "bea", "cleo"].sort());
  await page.getByRole("combobox", { name: "Sort" }).selectOption({ label: "Newest first" });
  await search(page);
  await expect(page).toHaveURL(/sort=newest/);
  await expect.poll(() => listed(page)).toEqual(["bea", "ada", "cleo", ADMIN.username]);
  await page.getByText("More filters").click();
  await page.getByLabel("Group", { exact: true }).fill("tour guides");
  await search(page);
  await expect.poll(() => listed(page)).toEqual(["bea", "cleo"]);
  await expect(page.getByText("More filters (1)")).toBeVisible();
  await axe();
  await page.getByLabel("Group", { exact: true }).fill("nobody's");
  await search(page);
  await expect(page.getByText("There is no group of this name.")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Clear" }).click();
  await expect.poll(() => listed(page)).toHaveLength(4);
  await page.getByText("More filters").click();
  await page.getByRole("combobox", { name: "Console role" }).selectOption({ label: "Administrator" });
  await search(page);
  await expect.poll(() => listed(page)).toEqual([ADMIN.username]);
  await page.getByRole("combobox", { name: "Sort" }).selectOption({ label: "Changed last first" });
  await search(page);
  await expect(page.getByText("Narrowed so, the list goes by user name.")).toBeVisible();
  await page.goto("/console/users?origin=setup&accounts=none&state=active");
  await expect.poll(() => listed(page)).toEqual([ADMIN.username]);
  await page.getByRole("combobox", { name: "Accounts" }).selectOption({ label: "Held: needs somebody" });
  await search(page);
  await expect(page.getByText("Nobody is like this.")).toBeVisible();
});

test("the columns are chosen, and stay so", async ({ page, usher, axe }) => {
  await usher.createUser(await usher.token("scim"), { userName: "ada", title: "Countess", externalId: "hr-7" });
  await page.goto("/console/users?search=ada");
  await page.getByText("Columns", { exact: true }).click();
  for (const label of ["Came by", "Created", "Accounts"]) await page.getByRole("checkbox", { name: label, exact: true }).uncheck();
  for (const label of ["Title", "External id", "Changed"]) await page.getByRole("checkbox", { name: label, exact: true }).check();
  await axe();
  await page.getByRole("button", { name: "Show", exact: true }).click();
  const heads = page.getByRole("table", { name: "Users" }).getByRole("columnheader");
  await expect(heads.filter({ hasText: "External id" })).toBeVisible();
  await expect(heads.filter({ hasText: /Came by|Created|Accounts/ })).toHaveCount(0);
  await expect(page).toHaveURL(/search=ada/);
  await page.goto("/console/users");
  await expect(page.getByRole("row", { name: /ada/ })).toContainText(/Countess\s*hr-7/);
  await axe();
});

test("several are acted on at once, and it is told whom it was not done to", async ({ page, usher, axe, javaScriptEnabled }) => {
  const token = await usher.token("scim");
  for (const userName of ["ada", "bea", "cleo", "dora"]) await usher.createUser(token, { userName });
  await usher.json(token, "POST", "/scim2/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Tour Guides" });
  await page.goto("/console/users");
  await page.getByRole("button", { name: "Disable…" }).click();
  await expect(page.getByText("Select at least one user first.").first()).toBeVisible();

  await select(page, "ada", "bea");
  if (javaScriptEnabled) await expect(page.getByText("With 2 selected:")).toBeVisible();
  await page.getByRole("button", { name: "Disable…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("2 users: ada, bea.");
  await expect(dialog).toContainText("nothing changes elsewhere");
  await axe();
  await dialog.getByRole("button", { name: "Disable 2 users" }).click();
  await expect(page.getByText("2 users were disabled.")).toBeVisible();
  await expect(page.getByRole("row", { name: /ada/ })).toContainText("Disabled");

  await select(page, "ada", "cleo", ADMIN.username);
  await page.getByRole("button", { name: "Lock…", exact: true }).click();
  await dialog.getByRole("button", { name: "Lock 3 users" }).click();
  await expect(dialog).toContainText("2 users were locked. 1 was not:");
  await expect(dialog.getByRole("row", { name: new RegExp(ADMIN.username) })).toContainText("This is you");
  await axe();
  await dialog.getByRole("link", { name: "Close" }).click();
  await page.goto("/console/users?state=locked");
  await expect.poll(() => listed(page)).toEqual(["ada", "cleo"]);
  await expect(page.getByRole("row", { name: /ada/ })).toContainText(/Disabled\s*Locked/);

  await select(page, "ada", "cleo");
  await page.getByRole("button", { name: "Unlock…", exact: true }).click();
  await dialog.getByRole("button", { name: "Unlock 2 users" }).click();
  await expect(page.getByText("2 users were unlocked.")).toBeVisible();
  await expect(page).toHaveURL(/state=locked/);

  await page.goto("/console/users");
  await select(page, "cleo", "dora");
  await page.getByRole("button", { name: "Add to group…" }).click();
  await dialog.getByLabel("Group").fill("nowhere");
  await dialog.getByRole("button", { name: "Add 2 users" }).click();
  await expect(dialog.getByLabel("Group")).toHaveAccessibleDescription(/no group of this name/);
  await expect(dialog.getByLabel("Group")).toHaveValue("nowhere");
  await axe();
  await dialog.getByLabel("Group").fill("Tour Guides");
  await dialog.getByRole("button", { name: "Add 2 users" }).click();
  await expect(page.getByText("2 users were added to the group.")).toBeVisible();
  await page.goto("/console/users?group=Tour%20Guides");
  await expect.poll(() => listed(page)).toEqual(["cleo", "dora"]);

  await select(page, "cleo", "dora");
  await page.getByRole("button", { name: "Delete…" }).click();
  await expect(dialog).toContainText("This cannot be undone.");
  await dialog.getByRole("link", { name: "Cancel" }).click();
  await expect.poll(() => listed(page)).toEqual(["cleo", "dora"]);
  await select(page, "dora");
  if (javaScriptEnabled) await page.getByRole("checkbox", { name: "Select cleo", exact: true }).uncheck();
  await page.getByRole("button", { name: "Delete…" }).click();
  await dialog.getByRole("button", { name: "Delete 1 user" }).click();
  await expect(page.getByText("1 user was deleted.")).toBeVisible();
  await expect.poll(() => listed(page)).toEqual(["cleo"]);
});

test("somebody who is invited sets their own password and signs in", async ({ page, browser, usher, axe, javaScriptEnabled }) => {
  const link = await add(page, { userName: "ada", email: "ada@example.org", given: "Ada", family: "Lovelace" });
  await expect(page.getByRole("heading", { level: 1, name: "Ada Lovelace" })).toBeVisible();
  await expect(page.getByText(/A one-time link to set a password is open/)).toBeVisible();
  await axe();

  const context = await browser.newContext({ baseURL: usher.url, javaScriptEnabled });
  const theirs = await context.newPage();
  await theirs.goto(link);
  await expect(theirs.getByLabel("User name")).toHaveValue("ada");
  await axe(theirs);
  await theirs.getByLabel("New password").fill("short");
  await theirs.getByLabel("The same once more").fill("short");
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByLabel("New password")).toHaveAccessibleDescription(/12 to 256 characters/);
  await theirs.getByLabel("New password").fill(PASSWORD);
  await theirs.getByLabel("The same once more").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByRole("heading", { name: "A password is set" })).toBeVisible();
  await axe(theirs);
  await theirs.goto(link);
  await expect(theirs.getByText(/was used already/)).toBeVisible();
  await theirs.getByRole("link", { name: "Sign in" }).click();
  await theirs.getByLabel("User name").fill("ada");
  await theirs.getByLabel("Password").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await expect(theirs).not.toHaveURL(/sign-in/);
  await context.close();

  await page.goto("/set-password/of-nobody");
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await axe();
});

test("a password set for a user is handed over once", async ({ page, axe }) => {
  await page.goto("/console/users/new");
  await axe();
  await fillIn(page, { userName: "grace", given: "Grace" }, PASSWORD);
  await expect(page.getByText("the user exists here alone")).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("heading", { name: "Hand over" })).toBeVisible();
  await expect(page.getByRole("dialog")).toContainText(`Password: ${PASSWORD}`);
  await axe();
  await page.reload();
  await expect(page.getByText(/was shown once and is not kept/)).toBeVisible();
  await expect(page.getByText(PASSWORD)).toHaveCount(0);
});

test("a step back keeps what was typed, and bad input is told beside its field", async ({ page, axe }) => {
  await page.goto("/console/users/new");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill(ADMIN.username.toUpperCase());
  await dialog.getByLabel("Email").fill("no address");
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByLabel("Username")).toHaveAccessibleDescription(/is taken/);
  await expect(dialog.getByLabel("Email")).toHaveAccessibleDescription(/Enter an address/);
  await expect(dialog.getByLabel("Email")).toHaveValue("no address");
  await axe();
  await dialog.getByLabel("Username").fill("ada");
  await dialog.getByLabel("Email").fill("ada@example.org");
  await dialog.getByRole("button", { name: "Next" }).click();
  await choosePassword(page, "short");
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/12 to 256 characters/);
  await axe();
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("link", { name: "Previous" }).click();
  await expect(dialog.getByRole("radio", { name: "Set a password for the user" })).toBeChecked();
  await dialog.getByRole("link", { name: "Previous" }).click();
  await expect(dialog.getByLabel("Username")).toHaveValue("ada");
  await expect(dialog.getByLabel("Email")).toHaveValue("ada@example.org");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("row", { name: /ada/ })).toHaveCount(0);
});

test("the second of two administrators who edit the same user is told", async ({ page, context }) => {
  await add(page, { userName: "ada", given: "Ada" }, PASSWORD);
  const other = await context.newPage();
  await other.goto(page.url());
  await page.getByLabel("Display name").fill("Countess");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The profile was updated.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Countess" })).toBeVisible();
  await other.getByLabel("Display name").fill("Analyst");
  await other.getByRole("button", { name: "Update" }).click();
  await expect(other.getByText(/Somebody else has changed this/)).toBeVisible();
  await expect(other.getByLabel("Display name")).toHaveValue("Analyst");
});

test("every attribute can be edited", async ({ page, usher }) => {
  await add(page, { userName: "ada", email: "ada@example.org" }, PASSWORD);
  const id = page.url().split("/").pop();
  await page.getByLabel("Another: email address").fill("ada@home.example");
  await page.getByText("Work", { exact: true }).click();
  await page.getByLabel("Department").fill("Analysis");
  await page.getByText("Addresses", { exact: true }).click();
  await page.getByLabel("City").fill("London");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The profile was updated.")).toBeVisible();
  const user = await usher.json(await usher.token("scim:read"), "GET", `/scim2/Users/${id}`);
  expect(user.emails.map(({ value }: { value: string }) => value)).toEqual(["ada@example.org", "ada@home.example"]);
  expect(user.addresses[0].locality).toBe("London");
  expect(user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].department).toBe("Analysis");
  await page.getByLabel("Email address 1").fill("");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Email address", { exact: true })).toHaveValue("ada@home.example");
});

test("nothing is wider than a narrow window", async ({ page, usher, target }) => {
  await connect(page, target);
  const { id } = await usher.createUser(await usher.token("scim"), { userName: "ada", displayName: "Ada Lovelace" });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ["", "?role=auditor&accounts=held", "/new", `/${id}`, `/${id}/sessions`, `/${id}/provisioning`, `/${id}/password`, `/${id}/delete`]) {
    await page.goto(`/console/users${path}`);
    const { width } = (await page.locator("html").boundingBox()) ?? { width: 0 };
    const content = await page.locator("body").evaluate((body) => body.ownerDocument.documentElement.scrollWidth);
    expect(content, path).toBeLessThanOrEqual(width);
  }
});

test("the last administrator is protected, and says why", async ({ page, axe }) => {
  await page.goto("/console/users");
  await page.getByRole("link", { name: ADMIN.username }).click();
  await expect(page.getByText("This is the last administrator.").first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Delete…" })).toHaveCount(0);
  await axe();
});

test("a user's sessions are listed and ended", async ({ page, browser, usher, javaScriptEnabled, axe }) => {
  await add(page, { userName: "ada" }, PASSWORD);
  const context = await browser.newContext({ baseURL: usher.url, javaScriptEnabled });
  const theirs = await context.newPage();
  await theirs.goto("/sign-in");
  await theirs.getByLabel("User name").fill("ada");
  await theirs.getByLabel("Password").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await expect(theirs).not.toHaveURL(/sign-in/);
  await openTab(page, "Active Sessions");
  await expect(page.getByRole("row")).toHaveCount(2);
  await axe();
  await page.getByRole("button", { name: /^End the session/ }).click();
  await expect(page.getByText("No sessions")).toBeVisible();
  await axe();
  await theirs.goto("/console");
  await expect(theirs).toHaveURL(/sign-in/);
  await context.close();
});

for (const kind of ["scim2-server", "scimmy"] as const) {
  test.describe(kind, () => {
    test.use({ kind });

    test("a user added in the console appears there, follows an edit, is disabled, and is gone", async ({ page, target, axe }) => {
      await connect(page, target);
      await fillIn(page, { userName: "ada", email: "ada@example.org", given: "Ada", family: "Lovelace" }, PASSWORD);
      await expect(page.getByText("within moments")).toBeVisible();
      await page.getByRole("button", { name: "Finish" }).click();
      await page.getByRole("link", { name: "Done" }).click();
      await openTab(page, "Provisioning");
      await provisioningSays(page, target.name, /In step.*created, 201/s);
      const account = await target.account("ada");
      expect(account).toMatchObject({ name: { givenName: "Ada", familyName: "Lovelace" }, active: true });
      await expect(page.getByRole("row", { name: new RegExp(target.name) })).toContainText(account?.id);
      await axe();

      await page.getByRole("link", { name: `Explain ${target.name}` }).click();
      await expect(page.getByRole("heading", { name: `Why is Ada in ${target.name}?` })).toBeVisible();
      await expect(page.getByRole("row", { name: /Belongs there\?/ })).toContainText("takes everybody");
      await expect(page.getByRole("row", { name: /What was sent\?/ })).toContainText("POST");
      await axe();

      await openTab(page, "Profile");
      await page.getByLabel("Last name").fill("King");
      await page.getByRole("button", { name: "Update" }).click();
      await expect(page.getByText("The profile was updated.")).toBeVisible();
      await expect.poll(async () => (await target.account("ada"))?.name.familyName).toBe("King");
      await openTab(page, "Provisioning");
      await provisioningSays(page, target.name, /In step.*updated, 20\d/s);

      await openTab(page, "Profile");
      await page.getByRole("link", { name: "Disable…" }).click();
      await expect(page.getByRole("dialog")).toContainText(/which Usher made, becomes inactive/);
      await axe();
      await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
      await expect(page.getByText("The user is disabled.")).toBeVisible();
      await expect.poll(async () => (await target.account("ada"))?.active).toBe(false);
      await openTab(page, "Provisioning");
      await provisioningSays(page, target.name, /In step.*disabled, 20\d/s);
      await openTab(page, "Profile");
      await page.getByRole("button", { name: "Enable" }).click();
      await expect(page.getByText("The user is enabled.")).toBeVisible();
      await expect.poll(async () => (await target.account("ada"))?.active).toBe(true);

      await page.getByRole("link", { name: "Delete…" }).click();
      await expect(page.getByRole("dialog")).toContainText(/which Usher made, is deleted/);
      await axe();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await expect(page.getByText("The user was deleted.")).toBeVisible();
      await expect.poll(() => target.account("ada")).toBeUndefined();
    });

    test("with Blocking, a system that is down keeps the user from being created, and nothing typed is lost", async ({ page, target, axe }) => {
      await connect(page, target, { blocking: true, waitSeconds: 2 });
      await target.stop();
      await fillIn(page, { userName: "ada", given: "Ada", family: "Lovelace" }, PASSWORD);
      await expect(page.getByText(/asked first, up to 2 s/)).toBeVisible();
      await page.getByRole("button", { name: "Finish" }).click();
      await expect(page.getByText(new RegExp(`The user was not created\\. ${target.name}:`))).toBeVisible({ timeout: 20_000 });
      await axe();
      await target.start();
      await expect(async () => {
        await page.getByRole("button", { name: "Finish" }).click();
        await expect(page.getByRole("heading", { name: "Hand over" })).toBeVisible({ timeout: 6_000 });
      }).toPass({ timeout: 60_000 });
      expect(await target.account("ada")).toMatchObject({ name: { familyName: "Lovelace" } });
    });

    test("while a system is down the tab says so, and tells when it has followed", async ({ page, target, axe }) => {
      await connect(page, target);
      await target.stop();
      await add(page, { userName: "ada", given: "Ada" }, PASSWORD);
      await openTab(page, "Provisioning");
      await provisioningSays(page, target.name, /Waiting/);
      await page.getByRole("link", { name: `Explain ${target.name}` }).click();
      await expect(page.getByRole("heading", { name: `Why is Ada not in ${target.name}?` })).toBeVisible();
      await axe();
      await target.start();
      await provisioningSays(page, target.name, /In step/);
    });
  });
}
