// My Account: what somebody without a console role does there, with and without JavaScript.
import type { Page } from "@playwright/test";
import { connect } from "./support/console";
import { expect, test, testWithMail } from "./support/fixtures";
import { linkIn } from "./support/mailbox";

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

async function fits(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(360);
}

test("somebody changes of their profile what an administrator lets them, and the systems follow", async ({ page, usher, scim2Server, signIn, visitor, axe }) => {
  await signIn();
  await connect(page, scim2Server);
  const token = await usher.token("admin", "scim");
  await usher.json(token, "POST", "/api/v1/schemas", {
    urn: "urn:example:scim:schemas:2.0:Staff",
    name: "Staff",
    attributes: [{ name: "badgeNumber", label: "Badge number", unique: true }, { name: "team", canonical_values: ["Red", "Green"] }],
  });
  await usher.createUser(token, { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" }, password: OLD });

  await page.goto("/console/login-and-registration");
  await page.getByRole("main").getByRole("link", { name: "My Account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
  await axe();
  await page.getByRole("checkbox", { name: "Last name" }).uncheck();
  await page.getByRole("checkbox", { name: "Badge number" }).check();
  await page.getByRole("checkbox", { name: "team" }).check();
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("What people change themselves was updated.")).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Last name" })).not.toBeChecked();

  const phone = await visitor();
  await enter(phone, OLD);
  await phone.getByRole("link", { name: "Edit" }).click();
  await expect(phone.getByRole("heading", { level: 1, name: "Your profile" })).toBeVisible();
  await fits(phone);
  await axe(phone);
  await expect(phone.getByLabel("Last name")).toHaveCount(0);
  await phone.getByLabel("First name").fill("Augusta");
  await phone.getByLabel("Phone number").fill("+44 20 7946 0000");
  await phone.getByLabel("Badge number").fill("B-1");
  await phone.getByLabel("team").selectOption({ label: "Green" });
  await phone.getByLabel("Display name").fill("x".repeat(2000));
  await phone.getByRole("button", { name: "Save" }).click();
  await expect(phone.getByLabel("Display name")).toHaveAccessibleDescription(/At most 1024 characters/);
  await expect(phone.getByLabel("First name")).toHaveValue("Augusta");
  await expect(phone.getByLabel("team")).toHaveValue("Green");
  await axe(phone);
  await phone.getByLabel("Display name").fill("Countess of Lovelace");
  await phone.getByRole("button", { name: "Save" }).click();
  await expect(phone).toHaveURL(/\/account$/);
  await expect(phone.getByText("Your profile was changed.")).toBeVisible();
  for (const told of ["Countess of Lovelace", "+44 20 7946 0000", "B-1", "Green"]) {
    await expect(phone.getByRole("main")).toContainText(told);
  }
  await fits(phone);
  await expect.poll(() => scim2Server.account("ada")).toMatchObject({
    displayName: "Countess of Lovelace",
    name: { givenName: "Augusta", familyName: "Lovelace" },
  });

  // Somebody else changes it while it is open: nothing is overwritten, and what was typed is still there to copy.
  await phone.getByRole("link", { name: "Edit" }).click();
  const [ada] = (await usher.json(token, "GET", "/scim2/Users?filter=userName%20eq%20%22ada%22")).Resources;
  await usher.json(token, "PATCH", `/scim2/Users/${ada.id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path: "name.givenName", value: "Ada" }],
  });
  await phone.getByLabel("Display name").fill("Ada");
  await phone.getByRole("button", { name: "Save" }).click();
  await expect(phone.getByRole("alert")).toContainText("Somebody else has changed this since you opened it.");
  await expect(phone.getByLabel("Display name")).toHaveValue("Ada");
  await phone.getByRole("link", { name: "Cancel" }).click();
  await phone.getByRole("link", { name: "Edit" }).click();
  await expect(phone.getByLabel("First name")).toHaveValue("Ada");
  await expect(phone.getByLabel("Display name")).toHaveValue("Countess of Lovelace");
});

testWithMail("somebody gets another mail address by a link that goes there", async ({ page, usher, mailbox, signIn, visitor, axe }) => {
  const [before, after] = ["ada@example.org", "countess@example.org"];
  const token = await usher.token("scim");
  await usher.createUser(token, { userName: "ada", emails: [{ value: before, primary: true }], password: OLD });
  const phone = await visitor();
  await enter(phone, OLD);
  await phone.getByRole("link", { name: "Change mail address" }).click();
  await fits(phone);
  await axe(phone);
  await phone.getByLabel("New mail address").fill("nonsense");
  await phone.getByLabel("Present password").fill(OLD);
  await phone.getByRole("button", { name: "Send the link" }).click();
  await expect(phone.getByLabel("New mail address")).toHaveAccessibleDescription(/This is no mail address/);
  await expect(phone.getByLabel("New mail address")).toHaveValue("nonsense");
  await phone.getByLabel("New mail address").fill(after);
  await phone.getByLabel("Present password").fill(OLD);
  await phone.getByRole("button", { name: "Send the link" }).click();
  await expect(phone.getByText(`A mail with a link is on its way to ${after}.`)).toBeVisible();
  await expect(phone.getByText("becomes your address once you follow the link")).toBeVisible();
  await fits(phone);
  await axe(phone);

  const link = linkIn(await mailbox.mailTo(after), "/account/address/");
  // An administrator who is sent the link is told whose it is not.
  await signIn();
  await page.goto(link);
  await expect(page.getByText("This link is for another account")).toBeVisible();
  await axe();
  await phone.goto(link);
  await expect(phone.getByText(`${after} is yours?`)).toBeVisible();
  await fits(phone);
  await axe(phone);
  await phone.getByRole("button", { name: "Confirm" }).click();
  await expect(phone).toHaveURL(/\/account$/);
  await expect(phone.getByText("Your mail address was changed.")).toBeVisible();
  await expect(phone.getByText(after, { exact: true })).toBeVisible();
  await expect(phone.getByText(before)).toHaveCount(0);
  const told = await mailbox.mailTo(before);
  expect(told.subject).toBe("Your mail address at Usher was changed");
  expect(told.text).not.toContain(after);
  await phone.goto(link);
  await expect(phone.getByRole("heading", { level: 1, name: "Your address is confirmed" })).toBeVisible();

  // The new address is a name to sign in by, as the one before was.
  await phone.goto("/account");
  await phone.getByRole("button", { name: "Sign out" }).click();
  await phone.getByLabel("User name or mail address").fill(after);
  await phone.getByLabel("Password").fill(OLD);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await expect(phone).toHaveURL(/\/account$/);
});
