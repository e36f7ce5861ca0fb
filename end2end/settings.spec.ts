// Flow 7: Settings, tab by tab.
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";

test.beforeEach(async ({ signIn }) => signIn());

/** New Token → Create; answers the token, as its page shows it. */
async function makeToken(page: Page, name: string, ...scopes: string[]): Promise<string> {
  await page.goto("/console/settings");
  await page.getByRole("link", { name: "New Token" }).click();
  const dialog = page.getByRole("dialog", { name: "New Token" });
  await dialog.getByLabel("Name").fill(name);
  for (const scope of scopes) await dialog.getByRole("checkbox", { name: `(${scope})` }).check();
  await dialog.getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("dialog", { name: "Token created" }).getByRole("region", { name: "The token" });
  await expect(shown).toHaveText(/^usher_/);
  return (await shown.textContent()) ?? "";
}

test("the first token is made from the empty list, and shown once", async ({ page, usher, axe, hydrated }) => {
  await page.goto("/console/settings");
  await expect(page.getByRole("heading", { name: "No API tokens" })).toBeVisible();
  await expect(page.getByText(`${usher.url}/scim2/Users`)).toBeVisible();
  await hydrated();
  await axe();
  const token = await makeToken(page, "HR import", "scim:read");
  await expect(page.getByText("It is shown this once")).toBeVisible();
  await axe();
  await page.reload();
  await expect(page.getByText("This token cannot be shown again")).toBeVisible();
  await expect(page.getByText(token)).toHaveCount(0);
  await axe();
  await page.getByRole("link", { name: "To the tokens" }).click();
  await expect(page.getByRole("row", { name: /HR import/ })).toContainText("never");
});

test("a token is used and revoked", async ({ page, usher, axe }) => {
  const token = await makeToken(page, "HR import", "scim:read");
  expect((await usher.call(token, "GET", "/scim2/Users")).status).toBe(200);
  await page.getByRole("link", { name: "Done" }).click();
  const row = page.getByRole("row", { name: /HR import/ });
  await expect(row).toContainText("scim:read");
  await expect(row).toContainText("Active");
  await axe();
  await page.getByRole("link", { name: "Revoke the token HR import" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke Token" });
  await expect(dialog).toContainText("It was last used");
  await axe();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("The token “HR import” was revoked.")).toBeVisible();
  await expect(row).toContainText("Revoked");
  expect((await usher.call(token, "GET", "/scim2/Users")).status).toBe(401);
});

test("a token that cannot be says why, and keeps what was typed", async ({ page, axe }) => {
  await page.goto("/console/settings/tokens/new");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription(/1 to 100 characters/);
  await expect(dialog.getByRole("group", { name: "What it may do" })).toContainText("Choose at least one scope");
  await axe();
  await dialog.getByLabel("Name").fill("Monitoring");
  await dialog.getByRole("checkbox", { name: "(admin:read)" }).check();
  await dialog.getByLabel("Expires").selectOption({ label: "On a date" });
  await dialog.getByLabel("Last day").fill("2001-01-01");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog.getByLabel("Last day")).toHaveAccessibleDescription(/This day is over/);
  await expect(dialog.getByLabel("Name")).toHaveValue("Monitoring");
  await expect(dialog.getByRole("checkbox", { name: "(admin:read)" })).toBeChecked();
  await axe();
  await dialog.getByLabel("Last day").fill("2030-12-31");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("dialog", { name: "Token created" })).toContainText("2030-12-31");
});

test("another session is ended, and this one goes on", async ({ page, browser, usher, signIn, axe, javaScriptEnabled }) => {
  const elsewhere = await browser.newContext({ baseURL: usher.url, javaScriptEnabled });
  const there = await elsewhere.newPage();
  await signIn(there);
  await page.goto("/console/settings/sessions");
  await expect(page.getByRole("row", { name: /This session/ })).toHaveCount(1);
  await expect(page.getByRole("row", { name: /Chrome on Linux/ })).toHaveCount(2);
  await axe();
  await page.getByRole("button", { name: /^End the session of/ }).click();
  await expect(page.getByText("The session was ended.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Chrome on Linux/ })).toHaveCount(1);
  await expect(page.getByText("You are signed in nowhere else.")).toBeVisible();
  await axe();
  await there.goto("/console/settings/sessions");
  await expect(there).toHaveURL(/\/sign-in/);
  await elsewhere.close();
});

test("all other sessions end at once", async ({ page, browser, usher, signIn, javaScriptEnabled }) => {
  const elsewhere = await browser.newContext({ baseURL: usher.url, javaScriptEnabled });
  for (let count = 0; count < 2; count++) {
    await elsewhere.clearCookies();
    await signIn(await elsewhere.newPage());
  }
  await page.goto("/console/settings/sessions");
  await page.getByRole("button", { name: "End all others" }).click();
  await expect(page.getByText("2 sessions were ended.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Chrome on Linux/ })).toHaveCount(1);
  await elsewhere.close();
});

test("a chosen appearance survives a reload", async ({ page, axe, hydrated, javaScriptEnabled }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/console/settings/appearance");
  await expect(page.getByRole("radio", { name: "System" })).toBeChecked();
  await hydrated();
  await axe();
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const save = async () => {
    if (!javaScriptEnabled) await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("This browser keeps the appearance.")).toBeVisible();
  };
  await page.getByRole("radio", { name: "Dark" }).check();
  await save();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  if (javaScriptEnabled) expect(await paper()).toBe("rgb(20, 21, 22)");
  await axe();
  await page.goto("/console/settings/about");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("meta[name=color-scheme]")).toHaveAttribute("content", "dark");
  await axe();
  await page.goto("/console/settings/appearance");
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
  await page.getByRole("radio", { name: "System" }).check();
  await save();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme");
});

test("what runs here is told", async ({ page, usher, axe, hydrated }) => {
  await page.goto("/console/settings/about");
  const fact = (name: string) => page.locator(".fact").filter({ has: page.getByText(name, { exact: true }) });
  await expect(fact("Folder")).toContainText(usher.dataDir);
  await expect(fact("Public URL")).toContainText(usher.url);
  await expect(fact("Master key")).toContainText("master.key");
  await expect(fact("Version")).toContainText(/Usher \d/);
  await hydrated();
  await axe();
  await page.getByRole("link", { name: /What Usher is made of/ }).click();
  await expect(page.getByText("argon2")).toBeVisible();
});
