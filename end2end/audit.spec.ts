// Flow: the audit trail, from a change to its event, the file it is exported to, and the user's History.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import type { Json, Usher } from "./support/usher";

test.beforeEach(async ({ signIn }) => signIn());

async function change(usher: Usher, token: string, id: string, path: string, value: string): Promise<Json> {
  return usher.json(token, "PATCH", `/scim2/Users/${id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path, value }],
  });
}

async function filter(page: Page, wanted: { who?: string; about?: string; what?: string; from?: string }): Promise<void> {
  if (wanted.who !== undefined) await page.getByLabel("Who", { exact: true }).fill(wanted.who);
  if (wanted.about !== undefined) await page.getByLabel("About", { exact: true }).fill(wanted.about);
  if (wanted.what !== undefined) await page.getByLabel("What", { exact: true }).selectOption({ label: wanted.what });
  if (wanted.from !== undefined) await page.getByLabel("From", { exact: true }).fill(wanted.from);
  await page.getByRole("button", { name: "Filter" }).click();
}

/** What a link downloads: the file's name, and its lines. */
async function downloaded(page: Page, link: string): Promise<{ name: string; lines: string[] }> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
  const text = await readFile(await download.path(), "utf8");
  return { name: download.suggestedFilename(), lines: text.trim().split(/\r?\n/) };
}

test("a change is found, opened with before and after, and exported", async ({ page, usher, axe, hydrated }) => {
  const token = await usher.token("scim");
  const { id } = await usher.createUser(token, { userName: "ada", title: "Guide" });
  for (const userName of ["adam", "bea"]) await usher.createUser(token, { userName });
  await change(usher, token, id, "title", "Curator");
  await change(usher, token, id, "password", "a password of hers");

  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Logs" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Audit Logs" })).toBeVisible();
  await expect(page.getByRole("row", { name: /User created.*bea.*test scim.*127\.0\.0\.1/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /Signed in.*admin/ })).toBeVisible();
  await axe();

  await hydrated();
  await filter(page, { about: "AD", what: "User changed" });
  await expect(page).toHaveURL(/about=AD/);
  await expect(page.getByRole("row", { name: /User changed.*ada/ })).toHaveCount(2);
  await expect(page.getByRole("row", { name: /bea/ })).toBeHidden();
  const csv = await downloaded(page, "Export CSV");
  expect(csv.name).toMatch(/^usher-audit-\d{4}-\d\d-\d\d\.csv$/);
  expect(csv.lines).toHaveLength(3);
  expect(csv.lines[0]).toMatch(/^number,time,actor_kind,actor,/);
  const lines = await downloaded(page, "Export JSON lines");
  const [second, first] = lines.lines.map((line) => JSON.parse(line));
  expect(second.details).toEqual({ password: "changed" });
  expect(first).toMatchObject({ action: "user.update", subject: { name: "ada", id }, actor: { name: "test scim" } });
  expect(first.details).toEqual({ title: { before: "Guide", after: "Curator" } });

  await page.getByRole("link", { name: "User changed" }).last().click();
  await expect(page.getByRole("heading", { level: 1, name: "User changed" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Job title.*Guide.*Curator/ })).toBeVisible();
  await expect(page.getByText("(an API token, 127.0.0.1)")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Everything about it" }).click();
  await expect(page).toHaveURL(new RegExp(`/console/logs\\?about=${id}$`));
  await expect(page.getByRole("row", { name: /adam/ })).toBeHidden();
  await page.getByRole("link", { name: "User changed" }).first().click();
  await expect(page.getByText("changed", { exact: true })).toBeVisible();
  expect(await page.content()).not.toContain("a password of hers");
  await page.getByRole("main").getByRole("link", { name: "ada (user)" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "ada" })).toBeVisible();
});

test("a filter without results leads back, and a day narrows", async ({ page, axe, hydrated }) => {
  await page.goto("/console/logs");
  await hydrated();
  await filter(page, { who: "zebra" });
  await expect(page.getByRole("heading", { name: "No results found" })).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Clear" }).click();
  await expect(page.getByRole("row", { name: /Signed in/ })).toBeVisible();
  await hydrated();
  await filter(page, { from: "2999-01-01" });
  await expect(page.getByRole("heading", { name: "No results found" })).toBeVisible();
  await page.goto("/console/logs?from=yesterday");
  await expect(page.getByText("“yesterday” is no day. Write it as 2026-03-12.")).toBeVisible();
});

test("a user's History tells what was done to them, page by page", async ({ page, usher, axe }) => {
  const token = await usher.token("scim");
  const { id } = await usher.createUser(token, { userName: "ada" });
  for (let n = 0; n < 55; n++) await change(usher, token, id, "nickName", `ada ${n}`);
  await page.goto(`/console/users/${id}`);
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page).toHaveURL(/\/history$/);
  await expect(page.getByRole("row", { name: /User changed.*test scim/ })).toHaveCount(50);
  await expect(page.getByRole("row", { name: /User created/ })).toBeHidden();
  await axe();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page.getByRole("row", { name: /User created.*test scim/ })).toBeVisible();
  await page.getByRole("link", { name: "First page" }).click();
  await page.getByRole("link", { name: "User changed" }).first().click();
  await expect(page.getByRole("row", { name: /Nick name.*ada 53.*ada 54/ })).toBeVisible();
});

test("a refused sign-in is on record, with the address it came from", async ({ page, browser, usher }) => {
  const stranger = await browser.newPage({ baseURL: usher.url, javaScriptEnabled: false });
  await stranger.goto("/sign-in");
  await stranger.getByLabel("User name").fill("admin");
  await stranger.getByLabel("Password").fill("not the password");
  await stranger.getByRole("button", { name: "Sign in" }).click();
  await expect(stranger.getByText("The user name or password is not right.")).toBeVisible();
  await stranger.close();
  await page.goto("/console/logs?what=session.refuse");
  await page.getByRole("link", { name: "Sign-in refused" }).click();
  await expect(page.getByText("The password was not right.")).toBeVisible();
  await expect(page.getByText("Nobody signed in")).toBeVisible();
});
