// Groups: made, renamed, filled with people, searched, deleted; and what a user is in.
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import type { Json, Usher } from "./support/usher";

const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";

test.beforeEach(async ({ signIn }) => signIn());

const NAMES: [string, string, string][] = [
  ["ada", "Ada", "Lovelace"],
  ["grace", "Grace", "Hopper"],
  ["joan", "Joan", "Clarke"],
];

/** Ada, Grace and Joan; by user name. */
async function people(usher: Usher): Promise<Record<string, Json>> {
  const token = await usher.token("scim");
  const made: Record<string, Json> = {};
  for (const [userName, givenName, familyName] of NAMES) {
    const emails = [{ value: `${userName}@example.org`, primary: true }];
    made[userName] = await usher.createUser(token, { userName, name: { givenName, familyName }, emails });
  }
  return made;
}

async function createGroup(usher: Usher, displayName: string, members: Json[] = [], more: Json = {}): Promise<Json> {
  const token = await usher.token("scim");
  const document = { schemas: [GROUP], displayName, members: members.map(({ id }) => ({ value: id })), ...more };
  return usher.json(token, "POST", "/scim2/Groups", document);
}

/** User Management → Groups → New Group → Create; the dialog for members is open then. */
async function makeGroup(page: Page, name: string): Promise<void> {
  await page.goto("/console");
  await page.getByRole("link", { name: "Groups", exact: true }).click();
  await page.getByRole("link", { name: "New Group" }).first().click();
  await page.getByRole("dialog").getByLabel("Group Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("dialog", { name: "Add Members" })).toBeVisible();
}

async function searchFor(within: ReturnType<Page["getByRole"]>, text: string): Promise<void> {
  await within.getByLabel("Search", { exact: true }).fill(text);
  await within.getByRole("button", { name: "Search", exact: true }).click();
}

/** Rows of a table without its head. */
function rows(page: Page, table: string) {
  return page.getByRole("table", { name: table }).locator("tbody").getByRole("row");
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole("main").getByRole("navigation").getByRole("link", { name, exact: true }).click();
}

test("a group is made, and people are put into it", async ({ page, usher, axe }) => {
  await people(usher);
  await page.goto("/console/groups");
  await expect(page.getByText("No groups yet")).toBeVisible();
  await axe();
  await makeGroup(page, "Tour Guides");
  await expect(page.getByText("The group was made.")).toBeVisible();
  const dialog = page.getByRole("dialog");
  await axe();
  await searchFor(dialog, "lovel");
  await expect(rows(page, "People")).toHaveCount(1);
  await dialog.getByRole("checkbox", { name: "Select Ada Lovelace" }).check();
  await dialog.getByRole("button", { name: /^Add/ }).click();
  await expect(page.getByText("1 person was added.")).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(rows(page, "Members")).toHaveCount(1);
  await expect(page.getByRole("main").getByText("1 member", { exact: true })).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Ada Lovelace" }).click();
  await openTab(page, "Groups");
  await expect(rows(page, "Groups").first()).toContainText("Tour Guides");
});

test("whom one ticked stays chosen while one searches on", async ({ page, usher, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without, each page of the list is added by itself");
  await people(usher);
  const group = await createGroup(usher, "Guides");
  await page.goto(`/console/groups/${group.id}/members/add`);
  const dialog = page.getByRole("dialog");
  for (const [text, name] of [["ada", "Ada Lovelace"], ["hopper", "Grace Hopper"]]) {
    await searchFor(dialog, text);
    await expect(rows(page, "People")).toHaveCount(1);
    await dialog.getByRole("checkbox", { name: `Select ${name}` }).check();
  }
  await searchFor(dialog, "ada");
  await expect(dialog.getByRole("checkbox", { name: "Select Ada Lovelace" })).toBeChecked();
  await dialog.getByRole("button", { name: "Add (2)" }).click();
  await expect(page.getByText("2 people were added.")).toBeVisible();
  await expect(rows(page, "Members")).toHaveCount(2);
});

test("bad names are told beside the field, and what was typed stays", async ({ page, usher, axe }) => {
  await createGroup(usher, "Guides");
  await page.goto("/console/groups/new");
  const dialog = page.getByRole("dialog");
  await axe();
  for (const [name, words] of [["", /A name is required/], ["x".repeat(257), /at most 256 characters/], ["GUIDES", /exists already/]] as const) {
    await dialog.getByLabel("Group Name").fill(name);
    await dialog.getByRole("button", { name: "Create" }).click();
    // The page's own check may speak first: until the answer is there, another press does nothing.
    await expect(dialog.getByRole("button", { name: "Create" })).not.toHaveAttribute("aria-busy");
    await expect(dialog.getByLabel("Group Name")).toHaveAccessibleDescription(words);
    await expect(dialog.getByLabel("Group Name")).toHaveValue(name);
  }
  await axe();
  await page.goto("/console/groups");
  await expect(rows(page, "Groups")).toHaveCount(1);
});

test("the second of two administrators who rename a group is told", async ({ page, context, usher }) => {
  const { ada } = await people(usher);
  const group = await createGroup(usher, "Guides");
  await page.goto(`/console/groups/${group.id}`);
  const other = await context.newPage();
  await other.goto(page.url());
  // Somebody comes into the group meanwhile: that is nothing to whoever renames it.
  await usher.json(await usher.token("scim"), "PATCH", `/scim2/Groups/${group.id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "add", path: "members", value: [{ value: ada.id }] }],
  });
  await page.getByLabel("Group Name").fill("Tour Guides");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The group was updated.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Tour Guides" })).toBeVisible();
  await other.getByLabel("Group Name").fill("Pilots");
  await other.getByRole("button", { name: "Update" }).click();
  await expect(other.getByText(/Somebody else has changed this/)).toBeVisible();
  await expect(other.getByLabel("Group Name")).toHaveValue("Pilots");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Tour Guides" })).toBeVisible();
});

test("members are searched, removed one by one and by a selection", async ({ page, usher, axe }) => {
  const { ada, grace, joan } = await people(usher);
  const group = await createGroup(usher, "Guides", [ada, grace, joan]);
  await page.goto(`/console/groups/${group.id}`);
  await openTab(page, "Members");
  await expect(rows(page, "Members")).toHaveText([/Ada Lovelace/, /Grace Hopper/, /Joan Clarke/]);
  await axe();
  await searchFor(page.getByRole("main"), "zebra");
  await expect(page.getByText("No results found")).toBeVisible();
  await axe();
  await searchFor(page.getByRole("main"), "hop");
  await expect(rows(page, "Members")).toHaveCount(1);
  await page.getByRole("button", { name: "Remove Grace Hopper" }).click();
  await expect(page.getByText("1 person was removed from the group.")).toBeVisible();
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(rows(page, "Members")).toHaveCount(2);
  await page.getByRole("button", { name: /^Remove selected/ }).click();
  await expect(page.getByText("Choose people first")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select Ada Lovelace" }).check();
  await page.getByRole("checkbox", { name: "Select Joan Clarke" }).check();
  await page.getByRole("button", { name: /^Remove selected/ }).click();
  await expect(page.getByText("2 people were removed from the group.")).toBeVisible();
  await expect(page.getByText("No members yet")).toBeVisible();
  await axe();
});

test("a long list of members is turned page by page", async ({ page, usher }) => {
  const token = await usher.token("scim");
  const crowd: Json[] = [];
  for (let number = 10; number < 70; number++) crowd.push(await usher.createUser(token, { userName: `user${number}` }));
  const group = await createGroup(usher, "All", crowd);
  await page.goto(`/console/groups/${group.id}/members`);
  await expect(rows(page, "Members")).toHaveCount(50);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(rows(page, "Members")).toHaveCount(10);
  await expect(rows(page, "Members").first()).toContainText("user60");
  await page.getByRole("button", { name: "Remove user60", exact: true }).click();
  await expect(rows(page, "Members")).toHaveCount(9);
  await page.getByRole("link", { name: "First page" }).click();
  await expect(rows(page, "Members")).toHaveCount(50);
});

test("a user is put into groups and taken out on their own page", async ({ page, usher, axe }) => {
  const { ada, grace } = await people(usher);
  await createGroup(usher, "Guides", [ada]);
  await createGroup(usher, "Night Shift", [grace], { externalId: "hr-42" });
  await createGroup(usher, "Admins");
  await page.goto(`/console/users/${ada.id}`);
  await openTab(page, "Groups");
  await expect(rows(page, "Groups")).toHaveCount(1);
  await axe();
  await page.getByRole("link", { name: "Assign Group" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("row", { name: /Guides/ })).toContainText("In it already");
  await expect(dialog.getByRole("checkbox", { name: "Select Guides" })).toHaveCount(0);
  await dialog.getByRole("checkbox", { name: "Select Admins" }).check();
  await dialog.getByRole("checkbox", { name: "Select Night Shift" }).check();
  await axe();
  await dialog.getByRole("button", { name: /^Assign/ }).click();
  await expect(page.getByText("2 groups were assigned.")).toBeVisible();
  await expect(rows(page, "Groups")).toHaveText([/Admins/, /Guides/, /Night Shift.*hr-42/s]);
  await page.getByRole("button", { name: "Remove Guides" }).click();
  await expect(page.getByText("1 group was left.")).toBeVisible();
  await expect(rows(page, "Groups")).toHaveCount(2);
});

test("a group is deleted, and whoever was in it stays", async ({ page, usher, axe }) => {
  const { ada, grace } = await people(usher);
  const group = await createGroup(usher, "Guides", [ada, grace]);
  await page.goto(`/console/groups/${group.id}`);
  await axe();
  await page.getByRole("link", { name: "Delete…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("It has 2 members. They stay users");
  await axe();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("The group was deleted.")).toBeVisible();
  await expect(page.getByText("No groups yet")).toBeVisible();
  await page.goto("/console/users");
  await expect(page.getByRole("link", { name: "Ada Lovelace" })).toBeVisible();
});

test("what was deleted meanwhile is said clearly", async ({ page, usher, guard }) => {
  const { ada } = await people(usher);
  const group = await createGroup(usher, "Guides");
  const token = await usher.token("scim");
  await page.goto(`/console/groups/${group.id}/members/add`);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "Select Ada Lovelace" }).check();
  await dialog.getByRole("checkbox", { name: "Select Grace Hopper" }).check();
  await usher.json(token, "DELETE", `/scim2/Users/${ada.id}`);
  await dialog.getByRole("button", { name: /^Add/ }).click();
  await expect(page.getByText("1 person was added. 1 was deleted meanwhile.")).toBeVisible();

  const remove = page.getByRole("button", { name: "Remove Grace Hopper" });
  await expect(remove).toBeVisible();
  await usher.json(token, "DELETE", `/scim2/Groups/${group.id}`);
  guard.expectStatus(404);
  await remove.click();
  await expect(page.getByText(/This group was not found/).first()).toBeVisible();
  await page.goto(`/console/groups/${group.id}`);
  await expect(page.getByRole("heading", { name: "This group was not found" })).toBeVisible();
});

test("groups are searched by the words of their names, here and from everywhere", async ({ page, usher, axe }) => {
  for (const name of ["Tour Guides", "Night Shift", "Admins"]) await createGroup(usher, name);
  await page.goto("/console/groups");
  await expect(rows(page, "Groups")).toHaveText([/Admins/, /Night Shift/, /Tour Guides/]);
  await searchFor(page.getByRole("main"), "gui");
  await expect(rows(page, "Groups")).toHaveCount(1);
  await expect(page.getByRole("link", { name: "Tour Guides" })).toBeVisible();
  await searchFor(page.getByRole("main"), "zebra");
  await expect(page.getByText("No results found")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(rows(page, "Groups")).toHaveCount(3);
  await page.goto("/console/search?q=shift");
  await page.getByRole("main").getByRole("link", { name: /Night Shift/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Night Shift" })).toBeVisible();
});

test("nothing is wider than a narrow window", async ({ page, usher }) => {
  const { ada } = await people(usher);
  const long = "A group with a name that goes on and on, as those of large organizations do: Operations/EMEA/North/Night";
  const group = await createGroup(usher, long, [ada], { externalId: "x".repeat(90) });
  await page.setViewportSize({ width: 360, height: 740 });
  const of = (base: string, ...rest: string[]) => ["", ...rest].map((part) => `${base}${part}`);
  for (const path of [
    ...of("/console/groups", "?search=zebra", "/new"),
    ...of(`/console/groups/${group.id}`, "/delete", "/members", "/members/add"),
    ...of(`/console/users/${ada.id}/groups`, "/assign"),
  ]) {
    await page.goto(path);
    const { width } = (await page.locator("html").boundingBox()) ?? { width: 0 };
    const content = await page.locator("body").evaluate((body) => body.ownerDocument.documentElement.scrollWidth);
    expect(content, path).toBeLessThanOrEqual(width);
  }
});

test("a list whose group went while it was fetched says so", async ({ page, usher, guard, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "only a page that is alive fetches a part by itself");
  const { ada } = await people(usher);
  const group = await createGroup(usher, "Guides", [ada]);
  const token = await usher.token("scim");
  await page.goto(`/console/groups/${group.id}`);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated");
  guard.expectStatus(404);
  await usher.json(token, "DELETE", `/scim2/Groups/${group.id}`);
  await page.getByRole("link", { name: "Members", exact: true }).click();
  await expect(page.getByText("This is not there any more.")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "This group was not found" })).toBeVisible();
  await expect(page.getByText("This is not there any more.")).toBeHidden();
});
