// Flow 8: an administrator defines attributes, fills them in, and sees them over SCIM and in a connected system.
import type { Page } from "@playwright/test";
import { connect } from "./support/console";
import { test as base, expect } from "./support/fixtures";
import { Target } from "./support/target";
import type { Json } from "./support/usher";

const STAFF = "urn:example:scim:schemas:2.0:Staff";

/** As a system knows it that has the same schema. */
const SCHEMA: Json = {
  id: STAFF,
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  name: "Staff",
  description: "People who work here.",
  attributes: ["badgeNumber", "team", "floors"].map((name) => ({
    name,
    type: name === "floors" ? "integer" : "string",
    multiValued: name === "floors",
    description: name,
    required: false,
    caseExact: false,
    mutability: "readWrite",
    returned: "default",
    uniqueness: "none",
  })),
};

const test = base.extend<{ knowing: Target }>({
  knowing: async ({}, use) => {
    const target = await Target.scim2Server(SCHEMA);
    await use(target);
    await target.dispose();
  },
});

test.beforeEach(async ({ signIn }) => signIn());

type Attribute = { name: string; label?: string; kind?: string; choices?: string; ticked?: string[] };

/** User Attributes & Stores → Attributes → New Schema. */
async function define(page: Page, name: string, urn: string): Promise<void> {
  await page.goto("/console");
  await page.getByRole("link", { name: "Attributes", exact: true }).click();
  await page.getByRole("link", { name: "+ New Schema" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("URN").fill(urn);
  await dialog.getByRole("button", { name: "Create" }).click();
}

async function add(page: Page, attribute: Attribute): Promise<void> {
  await page.getByRole("link", { name: "+ New Attribute" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(attribute.name);
  await dialog.getByLabel("Label").fill(attribute.label ?? "");
  if (attribute.kind) await dialog.getByLabel("Type").selectOption({ label: attribute.kind });
  if (attribute.choices) await dialog.getByLabel("Values to choose from").fill(attribute.choices);
  for (const box of attribute.ticked ?? []) await dialog.getByRole("checkbox", { name: box }).check();
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("row", { name: new RegExp(attribute.label ?? attribute.name) })).toBeVisible();
}

async function update(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The profile was updated.")).toBeVisible();
}

test("attributes are defined, filled in, told over SCIM and kept in step elsewhere", async ({ page, usher, axe, knowing, scimmy }) => {
  test.setTimeout(240_000);
  // SCIMMY does not know the schema: it gets the rest.
  await connect(page, knowing);
  await connect(page, scimmy);
  await page.goto("/console/attributes");
  await expect(page.getByText("No schemas of your own")).toBeVisible();
  await expect(page.getByText("EnterpriseUser", { exact: true })).toBeVisible();
  await axe();
  await define(page, "Staff", STAFF);
  await expect(page.getByRole("heading", { level: 1, name: "Staff" })).toBeVisible();
  await expect(page.getByText("No attributes", { exact: true })).toBeVisible();
  await add(page, { name: "badgeNumber", label: "Badge number", ticked: ["Unique"] });
  await add(page, { name: "team", label: "Team", choices: "Red\nGreen" });
  await add(page, { name: "floors", label: "Floors", kind: "Whole number", ticked: ["Several values"] });
  await expect(page.getByRole("row", { name: /Floors/ })).toContainText("Whole number, several values");
  await axe();

  const token = await usher.token("scim");
  const ada = await usher.createUser(token, { userName: "ada", title: "Analyst" });
  await page.goto(`/console/users/${ada.id}`);
  await page.getByLabel("Badge number").fill("B-1");
  await page.getByLabel("Team").selectOption({ label: "Green" });
  await page.getByLabel("Floors").fill("3\n1");
  await axe();
  await update(page);
  await expect(page.getByLabel("Floors")).toHaveValue("3\n1");

  const told = await usher.json(token, "GET", `/scim2/Users/${ada.id}`);
  expect(told[STAFF]).toEqual({ badgeNumber: "B-1", team: "Green", floors: [3, 1] });
  const found = await usher.json(token, "GET", `/scim2/Users?filter=${encodeURIComponent(`${STAFF}:badgeNumber eq "b-1"`)}`);
  expect(found.totalResults).toBe(1);
  const served = await usher.json(token, "GET", `/scim2/Schemas/${STAFF}`);
  expect(served.attributes.map(({ name }: Json) => name)).toEqual(["badgeNumber", "team", "floors"]);
  await expect(async () => {
    expect((await knowing.account("ada"))?.[STAFF]).toMatchObject({ badgeNumber: "B-1", team: "Green" });
    expect((await scimmy.account("ada"))?.title).toBe("Analyst");
  }).toPass({ timeout: 30_000 });
  expect((await scimmy.account("ada"))?.[STAFF]).toBeUndefined();

  // What is used is said before it goes.
  await page.goto("/console/attributes");
  await page.getByRole("link", { name: "Staff" }).click();
  await expect(page.getByRole("row", { name: /Badge number/ })).toContainText("1 person");
  await page.getByRole("link", { name: "Badge number" }).click();
  await expect(page.getByLabel("Type")).toBeDisabled();
  await axe();
  await page.getByRole("dialog").getByLabel("Label").fill("Badge");
  await page.getByRole("dialog").getByRole("button", { name: "Update" }).click();
  await expect(page.getByRole("row", { name: /^Badge badgeNumber/ })).toBeVisible();
  await page.getByRole("link", { name: "Badge", exact: true }).click();
  await page.getByRole("link", { name: "Delete…" }).last().click();
  await expect(page.getByText(/1 person has a value/)).toBeVisible();
  await axe();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("The attribute was deleted.")).toBeVisible();
  await expect(page.getByRole("row", { name: /badgeNumber/ })).toHaveCount(0);
  await expect(async () => {
    const account = await knowing.account("ada");
    expect(account?.[STAFF].badgeNumber ?? null).toBeNull();
    expect(account?.[STAFF].team).toBe("Green");
  }).toPass({ timeout: 30_000 });

  await page.getByRole("link", { name: "Delete…" }).click();
  await expect(page.getByText(/All its attributes go/)).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No schemas of your own")).toBeVisible();
  expect((await usher.json(token, "GET", `/scim2/Users/${ada.id}`))[STAFF]).toBeUndefined();
});

test("bad definitions are said beside the field, and what was typed stays", async ({ page, usher }) => {
  await define(page, "Staff", "staff");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/Enter a URN such as/).first()).toBeVisible();
  await expect(dialog.getByLabel("Name")).toHaveValue("Staff");
  await dialog.getByLabel("URN").fill("urn:ietf:params:scim:schemas:core:2.0:User");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog.getByText(/belongs to the standards/).first()).toBeVisible();
  await dialog.getByLabel("URN").fill(STAFF);
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Staff" })).toBeVisible();
  await add(page, { name: "badge" });
  await page.getByRole("link", { name: "+ New Attribute" }).click();
  for (const [name, words] of [["2nd badge", /A name begins with a letter/], ["BADGE", /an attribute of this name already/]] as const) {
    await dialog.getByLabel("Name", { exact: true }).fill(name);
    await dialog.getByRole("button", { name: "Add" }).click();
    await expect(dialog.getByText(words).first()).toBeVisible();
    await expect(dialog.getByLabel("Name", { exact: true })).toHaveValue(name);
  }
  await dialog.getByRole("link", { name: "Cancel" }).click();
  const leave = page.getByRole("button", { name: /Leave|Discard/ });
  if (await leave.isVisible()) await leave.click();
  const admin = await usher.token("admin");
  const { items } = await usher.json(admin, "GET", "/api/v1/schemas");
  expect(items[0].attributes.map(({ name }: Json) => name)).toEqual(["badge"]);

  await define(page, "Again", STAFF);
  await expect(dialog.getByText("A schema of this URN exists already.").first()).toBeVisible();
});

test("bad values are said beside their fields, and nothing changes", async ({ page, usher }) => {
  const admin = await usher.token("admin");
  await usher.json(admin, "POST", "/api/v1/schemas", {
    urn: STAFF,
    name: "Staff",
    attributes: [
      { name: "badge", label: "Badge", unique: true },
      { name: "floor", label: "Floor", type: "integer" },
      { name: "payroll", label: "Payroll number", mutability: "immutable" },
      { name: "remote", label: "Works from home", type: "boolean" },
    ],
  });
  const token = await usher.token("scim");
  await usher.createUser(token, { userName: "grace", [STAFF]: { badge: "B-1" } });
  const ada = await usher.createUser(token, { userName: "ada" });
  const kept = async () => (await usher.json(token, "GET", `/scim2/Users/${ada.id}`))[STAFF];
  await page.goto(`/console/users/${ada.id}`);
  await page.getByLabel("Floor").fill("third");
  await page.getByLabel("Payroll number").fill("7");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Enter a whole number.").first()).toBeVisible();
  await expect(page.getByLabel("Floor")).toHaveValue("third");
  await expect(page.getByLabel("Floor")).toHaveAttribute("aria-invalid", "true");
  expect(await kept()).toBeUndefined();
  await page.getByLabel("Floor").fill("3");
  await page.getByLabel("Badge").fill("b-1");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Somebody else has this already: Badge.").first()).toBeVisible();
  await page.getByLabel("Badge").fill("B-2");
  await page.getByLabel("Works from home").selectOption({ label: "No" });
  await update(page);
  expect(await kept()).toEqual({ badge: "B-2", floor: 3, payroll: "7", remote: false });
  await page.reload();
  await expect(page.getByLabel("Payroll number")).toBeDisabled();
  await page.getByLabel("Floor").fill("");
  await update(page);
  expect(await kept()).toEqual({ badge: "B-2", payroll: "7", remote: false });
});
