// What surrounds every page: search, shortcuts, the way back, and what happens between pages.
import type { Page } from "@playwright/test";
import { ADMIN, expect, test } from "./support/fixtures";
import type { Usher } from "./support/usher";

test.beforeEach(async ({ signIn }) => signIn());

test("a search finds people, groups, connections and pages", async ({ page, usher, axe }) => {
  const token = await usher.token("admin");
  await usher.json(token, "POST", "/api/v1/connections", { name: "Lovelace Works", description: "" });
  await usher.createUser(token, { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" } });
  await usher.json(await usher.token("scim"), "POST", "/scim2/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "Friends of Lovelace",
  });
  await page.goto("/console");
  await finder(page).fill("lovel");
  await finder(page).press("Enter");
  await expect(page).toHaveURL(/\/console\/search\?q=lovel$/);
  await expect(page.getByRole("heading", { name: "People" })).toBeVisible();
  await expect(content(page).getByRole("link", { name: /Ada Lovelace/ })).toBeVisible();
  await expect(content(page).getByRole("link", { name: /Lovelace Works/ })).toBeVisible();
  await expect(content(page).getByRole("link", { name: /Friends of Lovelace/ })).toBeVisible();
  await axe();
  await page.getByLabel("Search for").fill("blocking");
  await page.getByRole("button", { name: "Search" }).click();
  await content(page).getByRole("link", { name: /Outbound Provisioning Configuration/ }).click();
  await expect(page).toHaveURL(/outbound-provisioning-settings$/);
  await page.goto("/console/search?q=zebra%20%3Cb%3E");
  await expect(page.getByText("Nothing found for “zebra <b>”")).toBeVisible();
  await axe();
});

test("suggestions appear while typing, and are chosen by keyboard", async ({ page, usher, axe, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "a list that follows what is typed");
  const token = await usher.token("admin");
  await usher.json(token, "POST", "/api/v1/connections", { name: "Acme Cloud", description: "" });
  await page.goto("/console");
  await hydrated();
  await finder(page).pressSequentially("acme");
  const option = page.getByRole("option", { name: /Acme Cloud/ });
  await expect(option).toBeVisible();
  await expect(finder(page)).toHaveAttribute("aria-expanded", "true");
  await axe();
  await finder(page).press("ArrowDown");
  await expect(option).toHaveAttribute("aria-selected", "true");
  await finder(page).press("Escape");
  await expect(option).toHaveCount(0);
  await finder(page).press("Backspace");
  await expect(option).toBeVisible();
  await finder(page).press("ArrowDown");
  await finder(page).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Acme Cloud" })).toBeVisible();
});

test("shortcuts lead around, and leave what is being typed alone", async ({ page, axe, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "keys are heard by a page that is alive");
  await page.goto("/console");
  await hydrated();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await axe();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("g");
  await expect(page.getByRole("heading", { level: 1, name: "Groups" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(finder(page)).toBeFocused();
  await page.keyboard.type("g?h/");
  await expect(finder(page)).toHaveValue("g?h/");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/console\/groups$/);
});

test("the shortcuts have a page, which the account menu leads to", async ({ page, axe }) => {
  await page.goto("/console");
  await page.getByLabel(/^Account of/).click();
  await page.getByRole("link", { name: "Keyboard shortcuts" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Keyboard shortcuts" })).toBeVisible();
  await expect(page.getByText("Connections", { exact: true }).last()).toBeVisible();
  await axe();
});

test("leaving a form with edits asks, and saving does not", async ({ page, usher, axe, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "without JavaScript a browser does not ask");
  const connection = await someConnection(usher);
  await page.goto(`/console/connections/${connection}`);
  await hydrated();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await page.getByLabel("Description").fill("half a thought");
  await navigation(page).getByRole("link", { name: "Users" }).click();
  await expect(question).toBeVisible();
  await axe();
  await question.getByRole("button", { name: "Stay" }).click();
  await expect(question).toHaveCount(0);
  await expect(page.getByLabel("Description")).toHaveValue("half a thought");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();
  await navigation(page).getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Users" })).toBeVisible();

  await page.goto("/console/connections/templates/custom-connector");
  await hydrated();
  await page.getByRole("dialog").getByLabel("Name").fill("Sal");
  await page.keyboard.press("Escape");
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/templates$/);

  await page.goto(`/console/connections/${connection}`);
  await hydrated();
  await page.getByLabel("Description").fill("lost otherwise");
  const asked = page.waitForEvent("dialog");
  const leaving = page.goto("/console").catch(() => undefined);
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.accept();
  await leaving;
});

test("a dialog takes the focus, keeps it, and gives it back", async ({ page, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "without JavaScript a dialog is a page");
  await page.goto("/console/connections/templates");
  await hydrated();
  const opener = page.getByRole("link", { name: "Custom Connector" });
  await opener.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Custom Connector" });
  await expect(dialog.getByLabel("Name")).toBeFocused();
  for (let step = 0; step < 8; step++) {
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.querySelector("main")?.matches(":focus-within") && !document.activeElement?.closest("dialog"))).toBeFalsy();
  }
  await dialog.getByRole("link", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(opener).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test("offline is said, and heals", async ({ page, context, guard, axe, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "without JavaScript the browser says it");
  guard.expectUnreachable();
  await page.goto("/console");
  await hydrated();
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await axe();
  await context.setOffline(false);
  await expect(page.getByText("You are offline.")).toHaveCount(0);
  await expect(page.getByText("Connected again.")).toBeVisible();
});

test("a server that starts again is waited for", async ({ page, usher, guard, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "without JavaScript the browser says it");
  guard.expectUnreachable();
  await page.goto("/console");
  await hydrated();
  await usher.stop();
  await navigation(page).getByRole("link", { name: "Connections" }).click();
  await expect(page.getByText("The server does not answer.")).toBeVisible();
  await usher.start();
  await expect(page.getByText("There are no connections yet")).toBeVisible();
  await expect(page.getByText("The server does not answer.")).toHaveCount(0);
});

test("a session that ends while somebody types loses nothing", async ({ page, context, usher, guard, javaScriptEnabled, hydrated }) => {
  const connection = await someConnection(usher);
  await page.goto(`/console/connections/${connection}`);
  await hydrated();
  await page.getByLabel("Description").fill("typed for an hour");
  await context.clearCookies();
  guard.expectStatus(401);
  await page.getByRole("button", { name: "Update" }).click();
  if (javaScriptEnabled) {
    const [tab] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: /in a new tab/ }).first().click()]);
    await enter(tab);
    await tab.close();
    await expect(page.getByLabel("Description")).toHaveValue("typed for an hour");
  } else {
    await expect(page).toHaveURL(/\/sign-in\?return_to=/);
    await page.getByLabel("User name").fill(ADMIN.username);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await enter(page);
    await expect(page.getByText(/You were signed out before this was saved/)).toBeVisible();
    await expect(page.getByLabel("Description")).toHaveValue("typed for an hour");
  }
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();
});

test("signing in leads back to where one was", async ({ page, context }) => {
  await context.clearCookies();
  // A query, and in it what would end it.
  await page.goto("/console/connections?search=a%26b");
  await expect(page).toHaveURL(/\/sign-in/);
  await enter(page);
  await expect(page).toHaveURL(/\/console\/connections\?search=a%26b$/);
});

test("an address that leads nowhere says so, and leads on", async ({ page, guard, axe }) => {
  guard.expectStatus(404);
  for (const path of ["/console/nowhere", "/nowhere", "/console/connections/0199aaaa-0000-7000-8000-000000000000"]) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1, name: /was not found/ }), path).toBeVisible();
    await axe();
    await page.getByRole("link", { name: "Go to Home" }).click();
    await expect(page).toHaveURL(/\/console$/);
  }
});

/// As a page reads it: the number of the variant `Internal` of `ConsoleError`, then a text with its length before it.
const INTERNAL = Buffer.from([9, "r-4711".length, ...Buffer.from("r-4711")]);

test("a fault of ours shows its reference, and leads on", async ({ page, guard, axe, javaScriptEnabled, hydrated }) => {
  test.skip(!javaScriptEnabled, "the server's own page for it has tests beside its code");
  guard.expectStatus(500);
  await page.goto("/console");
  await hydrated();
  await page.route("**/console/-/connections/list*", (route) =>
    route.fulfill({ status: 500, contentType: "application/x-postcard", body: INTERNAL }),
  );
  await navigation(page).getByRole("link", { name: "Connections" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Something went wrong here" })).toBeVisible();
  await expect(page.getByText("r-4711")).toBeVisible();
  await axe();
  await page.unroute("**/console/-/connections/list*");
  await page.getByRole("link", { name: "Reload this page" }).click();
  await expect(page.getByText("There are no connections yet")).toBeVisible();
});

test("in a narrow window the side panel is a drawer", async ({ page, axe, javaScriptEnabled, hydrated }) => {
  await page.setViewportSize({ width: 800, height: 700 });
  await page.goto("/console");
  await hydrated();
  const users = navigation(page).getByRole("link", { name: "Users" });
  await expect(users).toBeHidden();
  await page.getByLabel("Show the menu").focus();
  await page.keyboard.press("Space");
  await expect(users).toBeVisible();
  await axe();
  if (javaScriptEnabled) {
    await page.keyboard.press("Escape");
    await expect(users).toBeHidden();
    await expect(page.getByLabel("Show the menu")).toBeFocused();
    await page.keyboard.press("Space");
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.closest(".content, .topbar"))).toBeNull();
    }
  }
  await users.click();
  await expect(page.getByRole("heading", { level: 1, name: "Users" })).toBeVisible();
  await expect(users).toBeHidden();
});

function finder(page: Page) {
  return page.getByLabel("Search people, groups, connections and pages");
}

function content(page: Page) {
  return page.getByRole("main");
}

function navigation(page: Page) {
  return page.getByRole("navigation", { name: "Console" });
}

async function enter(page: Page): Promise<void> {
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).not.toHaveURL(/\/sign-in/);
}

async function someConnection(usher: Usher): Promise<string> {
  const token = await usher.token("admin");
  const { id } = await usher.json(token, "POST", "/api/v1/connections", { name: "Acme Cloud", description: "" });
  return id;
}
