// Second factors: an authenticator app and its codes, recovery codes, passkeys, and who needs one; with and without
// JavaScript, but for passkeys, which a browser shows to a script alone.
import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";
import { ADMIN, expect, test, testAtName } from "./support/fixtures";

const FACTORS = "/account/second-factors";

/** The code that an app shows (RFC 6238) so many steps from now. */
function code(key: string, later = 0): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const hash = createHmac("sha1", secret).update(step).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function fits(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(360);
  await page.setViewportSize({ width: 1280, height: 720 });
}

/** From the page with the QR code to the recovery codes; answers the app's key and the codes. */
async function setUpApp(page: Page, axe: () => Promise<void>): Promise<{ key: string; codes: string[] }> {
  await expect(page.getByRole("img", { name: "QR code that sets up the app" })).toBeVisible();
  await axe();
  await fits(page);
  const key = await page.locator(".bare-key").innerText();
  await page.getByRole("textbox", { name: "Code" }).fill("000000");
  await page.getByRole("button", { name: "Set up" }).click();
  await expect(page.getByRole("textbox", { name: "Code" })).toHaveAccessibleDescription(/not the code that the app shows now/);
  await page.getByRole("textbox", { name: "Code" }).fill(code(key));
  await page.getByLabel("Name").fill("Phone");
  await page.getByRole("button", { name: "Set up" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Keep your recovery codes" })).toBeVisible();
  await axe();
  await fits(page);
  const codes = (await page.getByRole("region", { name: "Recovery codes" }).innerText()).trim().split("\n");
  expect(codes).toHaveLength(10);
  return { key, codes };
}

async function password(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto("/console/users");
  await page.getByLabel("User name or mail address").fill(ADMIN.username);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/sign-in\/second-factor/);
}

async function show(page: Page, typed: string): Promise<void> {
  await page.getByRole("textbox", { name: "Code" }).fill(typed);
  await page.getByRole("button", { name: "Go on" }).click();
}

test("an app is set up, its code is asked for at the sign-in, and a recovery code helps whoever lost it", async ({ page, signIn, axe }) => {
  await signIn();
  await page.goto("/account");
  await page.getByRole("link", { name: "Manage" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Second factor" })).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Add an authenticator app" }).click();
  const { key, codes } = await setUpApp(page, axe);
  await page.getByRole("link", { name: "I have kept them" }).click();
  await expect(page.getByRole("list", { name: "Your second factors" })).toContainText("Phone");
  await axe();
  await fits(page);

  await password(page);
  await axe();
  await fits(page);
  await show(page, "123456");
  await expect(page.getByRole("textbox", { name: "Code" })).toHaveAccessibleDescription(/This code is not right/);
  await axe();
  // The one of now was used when the app was set up.
  await show(page, code(key, 1));
  await expect(page).toHaveURL(/^[^?]*\/console\/users$/);

  await password(page);
  await show(page, codes[0] ?? "");
  await expect(page).toHaveURL(/^[^?]*\/console\/users$/);
  await page.goto(FACTORS);
  await expect(page.getByText("9 of 10 recovery codes are left.")).toBeVisible();
  await page.getByRole("link", { name: "Remove Phone" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Remove “Phone”?" })).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("The second factor was removed.")).toBeVisible();
  await expect(page.getByRole("list", { name: "Your second factors" })).toHaveCount(0);
});

test("whoever needs a second factor sets it up at their next sign-in, and an administrator resets it", async ({ page, usher, visitor, signIn, hydrated, axe }) => {
  await signIn();
  await page.goto("/console/login-and-registration");
  await page.getByRole("link", { name: "Multi-Factor Authentication" }).click();
  await expect(page.getByText("passkeys belong to a domain")).toBeVisible();
  await axe();
  await hydrated();
  await page.getByLabel("Who needs a second factor").selectOption({ label: "Everybody" });
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Multi-factor authentication was updated.")).toBeVisible();

  const token = await usher.token("scim");
  const ada = { userName: "ada", name: { givenName: "Ada", familyName: "Lovelace" }, password: ADMIN.password };
  const { id } = await usher.createUser(token, ada);
  const phone = await visitor();
  const enter = async () => {
    await phone.goto("/sign-in");
    await phone.getByLabel("User name or mail address").fill("ada");
    await phone.getByLabel("Password").fill(ADMIN.password);
    await phone.getByRole("button", { name: "Sign in" }).click();
  };
  await enter();
  await expect(phone.getByRole("heading", { level: 1, name: "Set up a second factor" })).toBeVisible();
  await phone.goto("/account");
  await expect(phone).toHaveURL(/\/sign-in\/second-factor/);
  await phone.getByRole("button", { name: "Use an authenticator app" }).click();
  await setUpApp(phone, () => axe(phone));
  await phone.getByRole("link", { name: "I have kept them" }).click();
  await expect(phone.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();

  await page.goto(`/console/users/${id}/sessions`);
  await hydrated();
  await expect(page.getByText("Phone (authenticator app)")).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("They sign in without a second factor now")).toBeVisible();
  await expect(page.getByText("Phone (authenticator app)")).toHaveCount(0);
  await phone.context().clearCookies();
  await enter();
  await expect(phone.getByRole("heading", { level: 1, name: "Set up a second factor" })).toBeVisible();
});

testAtName("a passkey is made, and shown at the sign-in", async ({ page, signIn, axe, javaScriptEnabled }) => {
  await signIn();
  await page.goto(FACTORS);
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await axe();
  if (!javaScriptEnabled) {
    await expect(page.getByText("Passkeys need JavaScript")).toBeVisible();
    return;
  }
  const device = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasUserVerification: true, isUserVerified: true } as const;
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, automaticPresenceSimulation: true, hasResidentKey: true },
  });
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Keep your recovery codes" })).toBeVisible();
  await page.getByRole("link", { name: "I have kept them" }).click();
  await expect(page.getByRole("list", { name: "Your second factors" })).toContainText("Laptop");

  await password(page);
  await axe();
  await fits(page);
  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was chosen, or it took too long.");
  await axe();
  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL(/^[^?]*\/console\/users$/);
  await page.goto(FACTORS);
  await expect(page.getByRole("list", { name: "Your second factors" })).toContainText("last used");
});
