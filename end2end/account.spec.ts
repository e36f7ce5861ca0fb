// My Account: what somebody without a console role does there, with and without JavaScript.
import type { Page } from "@playwright/test";
import { connect } from "./support/console";
import { expect, test } from "./support/fixtures";

const OLD = "correct horse battery staple";
const NEW = "a few words in a row";

async function enter(page: Page, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("somebody sees their accounts, changes their password and ends a session", async ({ page, browser, usher, scim2Server, signIn, axe, javaScriptEnabled }) => {
  await signIn();
  await connect(page, scim2Server);
  const token = await usher.token("scim");
  await usher.createUser(token, { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" }, password: OLD });
  await page.getByLabel(/^Account of/).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);

  const phone = await browser.newPage({ baseURL: usher.url, javaScriptEnabled, viewport: { width: 360, height: 740 } });
  await enter(phone, OLD);
  await expect(phone.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  await enter(page, OLD);
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByText("Lovelace", { exact: true })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("list", { name: "Your accounts" })).toContainText("You have an account there", { timeout: 1000 });
  }).toPass();
  await axe();

  await page.getByRole("link", { name: "Change password" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Change password" })).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page).toHaveURL(/\/account$/);
  await page.getByRole("link", { name: "Change password" }).click();
  await page.getByLabel("Present password").fill("not it at all");
  await page.getByLabel("New password", { exact: true }).fill(NEW);
  await page.getByLabel("The same once more").fill(NEW);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Present password")).toHaveAccessibleDescription(/not your present password/);
  await axe();
  await page.getByLabel("Present password").fill(OLD);
  await page.getByLabel("New password", { exact: true }).fill(NEW);
  await page.getByLabel("The same once more").fill(NEW);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password was changed.")).toBeVisible();
  await expect(page).toHaveURL(/\/account$/);

  // The telephone was signed out by it, and comes back with the new one.
  await phone.goto("/account");
  await expect(phone).toHaveURL(/\/sign-in/);
  await enter(phone, NEW);
  await expect(phone).toHaveURL(/\/account$/);
  await page.reload();
  await page.getByRole("button", { name: "End all others" }).click();
  await expect(page.getByText("1 session was ended.")).toBeVisible();
  await phone.goto("/account");
  await expect(phone).toHaveURL(/\/sign-in/);
  await phone.close();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
});
