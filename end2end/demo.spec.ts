// The demo as somebody meets it: the printed password, the tour, and what Acme Cloud shows of it.
import { type Locator, type Page } from "@playwright/test";
import { Demo } from "./screenshots/demo";
import { expect, test as base } from "./support/fixtures";
import type { Json } from "./support/usher";

const test = base.extend<{ demo: Demo }>({
  demo: async ({}, use) => {
    const demo = await Demo.start();
    await use(demo);
    await demo.stop();
  },
  baseURL: async ({ demo }, use) => use(demo.url),
});

test("the tour is taken from the first step to the last", async ({ page, demo, axe, hydrated, javaScriptEnabled, visitor }) => {
  await demo.signIn(page);
  await expect(page.getByText("This is a demo.")).toBeVisible();
  await page.getByRole("link", { name: "Take the tour" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Tour" })).toBeVisible();
  await hydrated();
  await axe();

  // 1: who is there. The page follows by itself; without JavaScript it is loaded again.
  const opening = page.waitForEvent("popup");
  await step(page, 1).getByRole("link", { name: "Acme Cloud's page" }).click();
  const acme = await opening;
  const look = async () => void (javaScriptEnabled || (await acme.reload()));
  const account = (name: string) => acme.getByRole("row", { name: new RegExp(`^${name} `) });
  await expect(acme.getByRole("heading", { level: 1 })).toHaveText(/Acme Cloud/);
  await expect(account("ada")).toBeVisible();
  await axe(acme);

  // 2: by hand.
  await step(page, 2).getByRole("link", { name: "Add User" }).click();
  await addUser(page, "mary");
  await page.getByRole("link", { name: "Done" }).click();
  await shows(look, account("mary"));
  await page.goto("/console/tour");
  await expect(step(page, 1)).toContainText("Done");
  await expect(step(page, 2)).toContainText("mary came in, and has an account at Acme Cloud.");

  // 3: by a program.
  const line = (await step(page, 3).getByRole("region", { name: "Line for a terminal" }).textContent()) ?? "";
  expect(await send(line)).toBe(201);
  await shows(look, account("joan"));
  await shows(() => page.goto("/console/tour"), step(page, 3).getByText("joan came in, and has an account"));

  // 4: somebody registers, and finds the mail in the inbox.
  const guest = await visitor();
  await guest.goto("/register");
  await guest.getByLabel("First name").fill("Grete");
  await guest.getByLabel("Last name").fill("Hermann");
  await guest.getByLabel("Mail address").fill("grete@example.org");
  await guest.getByLabel("Password").fill("a few words in a row");
  await guest.getByRole("button", { name: "Register" }).click();
  await expect(guest.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  await guest.goto(demo.said("Inbox"));
  await shows(() => guest.reload(), guest.getByRole("link", { name: /Confirm your address/ }));
  await guest.getByRole("link", { name: /Confirm your address/ }).click();
  await guest.getByRole("link", { name: /\/register\/verify\// }).click();
  await guest.getByRole("button", { name: "Confirm and go on" }).click();
  await expect(guest.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
  await shows(look, account("grete@example.org"));
  await shows(() => page.goto("/console/tour"), step(page, 4).getByText("grete@example.org came in, and has an account"));

  // 5: somebody comes from Globex ID.
  const stranger = await visitor();
  await stranger.goto("/sign-in");
  await stranger.getByRole("button", { name: "Continue with Globex ID" }).click();
  await stranger.getByRole("button", { name: /^Sign in as Freya/ }).click();
  await expect(stranger.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
  await shows(look, account("freya"));
  await shows(() => page.goto("/console/tour"), step(page, 5).getByText("freya came in, and has an account"));

  // 6: switched off, nothing is lost.
  await press(acme, "Switched off", true);
  await axe(acme);
  const next = (await step(page, 3).getByRole("region", { name: "Line for a terminal" }).textContent()) ?? "";
  expect(await send(next)).toBe(201);
  await shows(() => page.goto("/console/tour"), step(page, 6).getByText(/1 account waits: Acme Cloud cannot be reached/));
  await page.goto("/console");
  await expect(page.getByRole("main")).toContainText(/Acme Cloud.*cannot be reached/);
  await press(acme, "Switched off", false);
  await shows(look, account("hedy"));
  await shows(() => page.goto("/console/tour"), step(page, 6).getByText("Everything that waited has arrived."));

  // 7: Blocking.
  await block(page, true);
  await press(acme, "Switched off", true);
  await page.goto("/console/users/new");
  await addUser(page, "sofia");
  await expect(page.getByRole("alert")).toContainText("Acme Cloud");
  await page.goto("/console/tour");
  await expect(step(page, 7)).toContainText("sofia was refused, is not here");
  expect((await demo.call("GET", "/scim2/Users?filter=userName%20eq%20%22sofia%22")).totalResults).toBe(0);
  await press(acme, "Switched off", false);
  await block(page, false);

  // 8: deleted.
  await page.goto("/console/tour");
  await step(page, 8).getByRole("link", { name: "Delete mary" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Delete/ }).click();
  await shows(look, acme.getByText(/\d+ accounts/).first());
  await expect(async () => {
    await look();
    await expect(account("mary")).toHaveCount(0, { timeout: 500 });
  }).toPass({ timeout: 40_000 });
  await shows(() => page.goto("/console/tour"), page.getByText("All steps are done."));
  await expect(step(page, 8)).toContainText("mary was deleted, and has no account at Acme Cloud any more.");
  await hydrated();
  await axe();
});

test("each system is in another state, and Home says so", async ({ page, demo, axe }) => {
  await demo.signIn(page);
  await page.goto("/console");
  await expect(page.getByRole("main")).toContainText(/Northwind HR.*cannot be reached/);
  await expect(page.getByRole("main")).toContainText("no licence left for profile “Standard”");
  for (const [system, state] of [
    ["Northwind HR", "Switched off"],
    ["Sales", "Misbehaving"],
  ]) {
    await page.goto(demo.said(system));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`${system} ${state}`);
    await axe();
  }
  // A licence becomes free: a retry is all it takes.
  await press(page, "Out of licences", false);
  const held: Json[] = (await demo.call("GET", "/api/v1/deliveries?state=held")).items;
  expect(held).toHaveLength(3);
  for (const { id } of held) await demo.call("POST", `/api/v1/deliveries/${id}/retry`);
  await shows(() => page.reload(), page.getByText("48 accounts"));
});

function step(page: Page, number: number): Locator {
  return page.getByRole("listitem").filter({ has: page.locator(`#tour-step-${number}`) });
}

/** Looks again and again until it is there: an outage is noticed to be over within half a minute. */
async function shows(look: () => Promise<unknown>, what: Locator): Promise<void> {
  await expect(async () => {
    await look();
    await expect(what).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 40_000 });
}

/** A switch of a system's own page. */
async function press(page: Page, name: string, on: boolean): Promise<void> {
  await page.getByRole("switch", { name }).click();
  await expect(page.getByRole("switch", { name })).toHaveAttribute("aria-checked", `${on}`);
}

/** The wizard, to its end. */
async function addUser(page: Page, userName: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill(userName);
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("radio").first().check();
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("button", { name: "Finish" }).click();
}

/** Acme Cloud's provisioner, by the tour's own link. */
async function block(page: Page, blocking: boolean): Promise<void> {
  await page.goto("/console/tour");
  await step(page, 7).getByRole("link", { name: "Edit its provisioner" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "Blocking" }).setChecked(blocking);
  await dialog.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The provisioner was updated.")).toBeVisible();
}

/** What the line for a terminal does. */
async function send(line: string): Promise<number> {
  const [, url] = /-X POST (\S+)/.exec(line) ?? [];
  const [, authorization] = /'Authorization: ([^']+)'/.exec(line) ?? [];
  const [, body] = /-d '([^']+)'/.exec(line) ?? [];
  const headers = { authorization, "content-type": "application/scim+json" };
  return (await fetch(url, { method: "POST", headers, body })).status;
}
