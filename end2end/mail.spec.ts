// What Usher writes to people, as it arrives at a real mail server; and what becomes of it in the console.
import type { Page } from "@playwright/test";
import { expect, test as withoutMail, testWithMail as test } from "./support/fixtures";
import { linkIn } from "./support/mailbox";
import type { Usher } from "./support/usher";

const PASSWORD = "four words in a row";
const GRACE = { userName: "grace", name: { givenName: "Grace", familyName: "Hopper" } };

async function addGrace(usher: Usher): Promise<string> {
  const emails = [{ value: "grace@example.org", primary: true }];
  return (await usher.createUser(await usher.token("scim"), { ...GRACE, emails })).id;
}

/** The page that the link of a mail leads to, and on to somebody's own account. */
async function setPassword(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1, name: "Set your password" })).toBeVisible();
  await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("The same once more").fill(PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "A password is set" })).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("User name or mail address").fill("grace@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/account$/);
}

/** Reads the list of mails until the row of somebody says so. */
async function listSays(page: Page, text: string, path = "/console/activity/mails"): Promise<void> {
  await expect(async () => {
    await page.goto(path);
    await expect(page.getByRole("row", { name: /grace@example\.org/ }).first()).toContainText(text, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

test("whoever forgot their password sets another one by mail", async ({ page, usher, mailbox, axe }) => {
  await addGrace(usher);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Forgot your password?" })).toBeVisible();
  await axe();
  await page.getByLabel("User name or mail address").fill("grace");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  await axe();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const told = await page.getByRole("main").innerText();
  const mail = await mailbox.mailTo("grace@example.org");
  expect(mail.subject).toBe("Set a new password for Usher");
  await setPassword(page, linkIn(mail, "/set-password/"));

  // The same answer for nobody, and no mail.
  await page.context().clearCookies();
  await page.goto("/forgot-password");
  await page.getByLabel("User name or mail address").fill("nobody@example.org");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  expect(await page.getByRole("main").innerText()).toBe(told);
  expect(await mailbox.mailsTo("nobody@example.org")).toEqual([]);
});

test("somebody who is added is invited by mail", async ({ page, signIn, mailbox, axe }) => {
  await signIn();
  await page.goto("/console/users");
  await page.getByRole("link", { name: "Add User" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill("grace");
  await dialog.getByLabel("Email").fill("grace@example.org");
  await dialog.getByLabel("First Name").fill("Grace");
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("radio", { name: "Send the user a link by mail" }).check();
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByText("Set by the user, by a link in a mail")).toBeVisible();
  await axe();
  await dialog.getByRole("button", { name: "Finish" }).click();
  const mail = await mailbox.mailTo("grace@example.org");
  expect(mail.subject).toBe("Your account at Usher");
  expect(mail.text).toContain("Your user name is grace.");
  await listSays(page, "Sent");
  await expect(page.getByRole("row", { name: /grace@example\.org/ })).toContainText("Invitation");
  await page.context().clearCookies();
  await setPassword(page, linkIn(mail, "/set-password/"));
});

test("a template is worded anew, with its preview, and what is wrong is told", async ({ page, usher, signIn, mailbox, axe }) => {
  const id = await addGrace(usher);
  await signIn();
  await page.goto("/console/settings");
  await page.getByRole("link", { name: "Mail", exact: true }).click();
  await axe();
  await page.getByRole("link", { name: /Invitation/ }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview).toContainText("Hello Ada Lovelace,");
  await page.getByLabel("Subject").fill("Welcome {{nick}}");
  await page.getByLabel("Text", { exact: true }).fill("No way in");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Subject")).toHaveAccessibleDescription(/There is no {{nick}} in this mail/);
  await expect(page.getByLabel("Text", { exact: true })).toHaveAccessibleDescription(/The text needs {{link}}/);
  await expect(page.getByLabel("Subject")).toHaveValue("Welcome {{nick}}");
  await page.getByLabel("Subject").fill("Welcome {{name}}");
  await page.getByLabel("Text", { exact: true }).fill("Come in, {{user_name}}:\n\n{{link}}");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The template was updated.")).toBeVisible();
  await expect(preview).toContainText("Come in, ada:");
  await expect(page.getByText("Welcome Ada Lovelace", { exact: true })).toBeVisible();
  await axe();
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  await page.goto(`/console/users/${id}/password`);
  await page.getByRole("radio", { name: "Send the user a link by mail" }).check();
  await page.getByRole("button", { name: "Reset password" }).click();
  const mail = await mailbox.mailTo("grace@example.org");
  expect(mail.subject).toBe("Welcome Grace Hopper");
  expect(mail.text.replaceAll("\r\n", "\n")).toMatch(/^Come in, grace:\n\nhttp/);
});

test("a mail that the server refuses is listed with the reason, and goes out when it is sent again", async ({ page, usher, signIn, mailbox, axe }) => {
  const id = await addGrace(usher);
  await signIn();
  await page.goto("/console/activity/mails");
  await expect(page.getByText("No mails")).toBeVisible();
  await axe();
  await mailbox.refuse("550 5.1.1 No such mailbox");
  await page.goto(`/console/users/${id}/password`);
  await page.getByRole("radio", { name: "Send the user a link by mail" }).check();
  await page.getByRole("button", { name: "Reset password" }).click();
  await expect(page).toHaveURL(new RegExp(`/users/${id}$`));
  await listSays(page, "No such mailbox", "/console/activity/mails?state=failed");
  await axe();
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await mailbox.accept();
  await page.getByRole("button", { name: "Send now" }).click();
  await expect(page.getByText("The mail goes out now.")).toBeVisible();
  const mail = await mailbox.mailTo("grace@example.org");
  await listSays(page, "Sent");
  await expect(page.getByRole("button", { name: "Send now" })).toHaveCount(0);
  await page.context().clearCookies();
  await setPassword(page, linkIn(mail, "/set-password/"));
});

test("a mail server that is down is waited for", async ({ page, usher, signIn, mailbox }) => {
  const id = await addGrace(usher);
  await signIn();
  await mailbox.stop();
  await page.goto(`/console/users/${id}/password`);
  await page.getByRole("radio", { name: "Send the user a link by mail" }).check();
  await page.getByRole("button", { name: "Reset password" }).click();
  await listSays(page, "The mail server cannot be reached");
  await expect(page.getByRole("row", { name: /grace@example\.org/ })).toContainText("Tried again at");
  await mailbox.start();
  await page.getByRole("button", { name: "Send now" }).click();
  await mailbox.mailTo("grace@example.org");
  await listSays(page, "Sent");
});

withoutMail("where mail is not set up, the pages say so", async ({ page, signIn }) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("link", { name: "Forgot password?" })).toHaveCount(0);
  await page.goto("/forgot-password");
  await expect(page.getByText("No mail is sent from here. Ask an administrator")).toBeVisible();
  await signIn();
  for (const path of ["/console/activity/mails", "/console/settings/mail", "/console/self-registration"]) {
    await page.goto(path);
    await expect(page.getByText("Mail is not set up here."), path).toBeVisible();
  }
  await page.getByRole("checkbox", { name: "Self registration", exact: true }).check();
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByRole("checkbox", { name: "Account verification" })).toHaveAccessibleDescription(/USHER_SMTP_URL/);
});
