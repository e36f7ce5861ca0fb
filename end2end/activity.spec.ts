// Flow 5: Activity, from an account that a real external system refuses to the same account delivered.
import type { Page } from "@playwright/test";
import { connect, switchConnector } from "./support/console";
import { expect, test } from "./support/fixtures";
import type { Usher } from "./support/usher";

const REASON = /no licence left/;

test.beforeEach(async ({ signIn }) => signIn());

/** Waits until so many deliveries are held. */
async function held(usher: Usher, token: string, count: number): Promise<void> {
  const list = () => usher.json(token, "GET", "/api/v1/deliveries?state=held");
  await expect.poll(async () => (await list()).items.length, { timeout: 20_000 }).toBe(count);
}

async function filter(page: Page, wanted: { who?: string; system?: string; state?: string }): Promise<void> {
  if (wanted.who !== undefined) await page.getByLabel("Who").fill(wanted.who);
  if (wanted.system !== undefined) await page.getByLabel("System").selectOption({ label: wanted.system });
  if (wanted.state !== undefined) await page.getByLabel("State", { exact: true }).selectOption(wanted.state);
  await page.getByRole("button", { name: "Filter" }).click();
}

test("an empty list says what will be here, and a filter without results leads back", async ({ page, axe }) => {
  await page.goto("/console/activity");
  await expect(page.getByRole("heading", { name: "Nothing was sent yet" })).toBeVisible();
  await axe();
  await filter(page, { state: "held" });
  await expect(page).toHaveURL(/state=held/);
  await expect(page.getByRole("heading", { name: "Nothing needs you" })).toBeVisible();
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page).toHaveURL(/\/console\/activity$/);
});

test("what a system refuses is held, found, opened, and delivered once mended", async ({ page, usher, scimmy, axe, hydrated }) => {
  await connect(page, scimmy);
  const token = await usher.token("scim", "admin");
  await scimmy.refuse("no licence left");
  for (const userName of ["ada", "bea", "cleo"]) await usher.createUser(token, { userName });
  await held(usher, token, 3);

  await page.goto("/console/activity");
  await expect(page.getByRole("row", { name: /ada.*Held/ })).toContainText(REASON);
  await expect(page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: /Activity/ })).toContainText("3");
  await axe();
  await filter(page, { who: "be" });
  await expect(page.getByRole("row", { name: /bea/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /ada/ })).toBeHidden();

  await page.goto("/console/activity");
  await filter(page, { system: `${scimmy.name} · SCIM 2.0`, state: "held" });
  await expect(page.getByText("3 accounts are held: no licence left.")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "ada", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: `ada at ${scimmy.name}` })).toBeVisible();
  await expect(page.getByText("Mend the cause in")).toBeVisible();
  await hydrated();
  await page.getByText("Request and response").first().click();
  await expect(page.getByText(/POST http:\/\/127\.0\.0\.1/)).toBeVisible();
  expect(await page.content()).not.toContain(scimmy.token);
  await axe();

  // One by its own button, the rest from the list.
  await scimmy.accept();
  await page.getByRole("button", { name: "Retry now" }).click();
  await expect(page.getByText("It is tried again.")).toBeVisible();
  await expect.poll(() => scimmy.account("ada")).toBeTruthy();
  await expect(async () => {
    const refresh = page.getByRole("link", { name: "Refresh" });
    if (await refresh.isVisible()) await refresh.click();
    await expect(page.getByText("Everything is delivered.")).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await page.goto("/console/activity?state=held");
  await hydrated();
  await page.getByRole("checkbox", { name: /Select bea/ }).check();
  await page.getByRole("button", { name: /Retry selected/ }).click();
  await expect(page.getByText("1 delivery is tried again.")).toBeVisible();
  await expect(page).toHaveURL(/state=held/);
  await expect.poll(() => scimmy.account("bea")).toBeTruthy();
  await page.getByRole("button", { name: /Retry (it|all)/ }).click();
  await expect.poll(() => scimmy.account("cleo")).toBeTruthy();
  await page.goto("/console/activity?state=held");
  await expect(page.getByRole("heading", { name: "Nothing needs you" })).toBeVisible();
});

test("a system that is out of reach is told, and everything arrives when it is back", async ({ page, usher, scimmy, axe }) => {
  await connect(page, scimmy);
  const token = await usher.token("scim", "admin");
  await scimmy.stop();
  const { id } = await usher.createUser(token, { userName: "ada" });
  await expect
    .poll(async () => (await usher.json(token, "GET", `/api/v1/users/${id}/deliveries`)).items[0]?.reason?.kind)
    .toBe("target_down");
  await page.goto("/console");
  await expect(page.getByText(/cannot be reached/).first()).toBeVisible();
  await axe();
  await page.goto("/console/activity?state=waiting");
  await expect(page.getByRole("row", { name: /ada.*Waiting/ })).toContainText("cannot be reached");

  await scimmy.start();
  await expect.poll(() => scimmy.account("ada"), { timeout: 40_000 }).toMatchObject({ externalId: id });
  await expect(async () => {
    await page.goto("/console/activity");
    await expect(page.getByRole("row", { name: /ada.*Done/ })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await usher.json(token, "DELETE", `/scim2/Users/${id}`);
  await expect.poll(() => scimmy.account("ada")).toBeUndefined();
  await expect(async () => {
    await page.goto("/console/activity?who=ada");
    await expect(page.getByRole("row", { name: /ada.*Done.*No account/ })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await page.getByRole("link", { name: "ada", exact: true }).click();
  await expect(page.getByText("This user was deleted.")).toBeVisible();
  await axe();
});

test("a list that is open tells what changed and shows it when asked", async ({ page, usher, scimmy, hydrated, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without JavaScript the page has a link that loads it anew");
  await connect(page, scimmy);
  const token = await usher.token("scim");
  await usher.createUser(token, { userName: "ada" });
  await expect.poll(() => scimmy.account("ada")).toBeTruthy();
  await page.goto("/console/activity");
  await hydrated();
  await usher.createUser(token, { userName: "bea" });
  await page.getByRole("button", { name: /changed: show/ }).click({ timeout: 20_000 });
  await expect(page.getByRole("row", { name: /bea/ })).toBeVisible();
});

test("the list pages, and a page of it can be selected", async ({ page, usher, scimmy, hydrated, javaScriptEnabled }) => {
  await connect(page, scimmy);
  await page.goto("/console/connections");
  await page.getByRole("link", { name: scimmy.name }).click();
  await page.getByRole("link", { name: "Outbound Provisioning", exact: true }).click();
  await switchConnector(page, false);
  const token = await usher.token("scim");
  for (let n = 0; n < 55; n++) await usher.createUser(token, { userName: `user${`${n}`.padStart(2, "0")}` });
  await page.goto("/console/activity?state=waiting");
  await expect(page.getByRole("row", { name: /user54/ })).toContainText("switched off");
  await hydrated();
  if (javaScriptEnabled) {
    await page.getByRole("checkbox", { name: "Select all rows of this page" }).check();
    await expect(page.getByRole("button", { name: "Retry selected (50)" })).toBeVisible();
  }
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByRole("row", { name: /user04/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /user54/ })).toBeHidden();
  await page.getByRole("link", { name: "First page" }).click();
  await expect(page.getByRole("row", { name: /user54/ })).toBeVisible();
});

test("a narrow window shows the list without scrolling sideways", async ({ page, usher, scimmy }) => {
  await connect(page, scimmy);
  const token = await usher.token("scim");
  const name = "somebody.with-a-long-name@example.org";
  await usher.createUser(token, { userName: name });
  await expect.poll(() => scimmy.account(name)).toBeTruthy();
  await page.goto("/console/activity");
  const delivery = await page.getByRole("link", { name }).getAttribute("href");
  await page.setViewportSize({ width: 360, height: 780 });
  for (const path of ["/console/activity", "/console", delivery!]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    for (const bodies of await page.getByText("Request and response").all()) await bodies.click();
    expect(await page.locator("body").evaluate((body) => body.ownerDocument.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  }
});
