// Somebody signs themselves up: mail, link, in, and an account in a real external system; with and without JavaScript.
import type { Browser, Page } from "@playwright/test";
import { allowRegistration, connect } from "./support/console";
import { expect, testWithMail as test } from "./support/fixtures";
import { linkIn } from "./support/mailbox";

const ADA = { given: "Ada", family: "Lovelace", mail: "ada@example.org" };
const PASSWORD = "four words in a row";

type Person = { given: string; family: string; mail: string };

test.beforeEach(async ({ signIn }) => signIn());

/** A browser of somebody who has nothing to do with the administrator's. */
async function visitor(browser: Browser, baseURL: string, javaScriptEnabled: boolean, width = 1280): Promise<Page> {
  return browser.newPage({ baseURL, javaScriptEnabled, viewport: { width, height: 740 } });
}

async function fillIn(page: Page, person: Person, password = PASSWORD): Promise<void> {
  await page.getByLabel("First name").fill(person.given);
  await page.getByLabel("Last name").fill(person.family);
  await page.getByLabel("Mail address").fill(person.mail);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Register", exact: true }).click();
}

/** From the sign-in page to "Check your mail". */
async function register(page: Page, person: Person = ADA): Promise<void> {
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Register" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Create your account" })).toBeVisible();
  await fillIn(page, person);
  await expect(page.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
}

async function confirm(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Confirm and go on" }).click();
}

async function fits(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(360);
}

test("somebody registers, follows the link in the mail, and has an account elsewhere", async ({ page, browser, usher, scim2Server, mailbox, axe, javaScriptEnabled }) => {
  await connect(page, scim2Server);
  await allowRegistration(page);
  await axe();
  const phone = await visitor(browser, usher.url, javaScriptEnabled, 360);
  await phone.goto("/register");
  await fits(phone);
  await register(phone);
  await fits(phone);
  const mail = await mailbox.mailTo(ADA.mail);
  expect(mail.subject).toBe("Confirm your address for Usher");
  expect(mail.text).toContain("Hello Ada Lovelace,");
  expect(await scim2Server.accounts()).toEqual([]);

  const link = linkIn(mail, "/register/verify/");
  await phone.goto(link);
  await expect(phone.getByText(`${ADA.mail} is yours?`)).toBeVisible();
  await fits(phone);
  await confirm(phone);
  await expect(phone).toHaveURL(/\/account$/);
  await expect(phone.getByRole("heading", { level: 1, name: "My Account" })).toBeVisible();
  await expect.poll(() => scim2Server.account(ADA.mail)).toMatchObject({
    name: { givenName: "Ada", familyName: "Lovelace" },
    active: true,
  });
  await page.goto("/console/users");
  await expect(page.getByRole("row", { name: /Ada Lovelace/ })).toContainText("Active");

  // The link is used now, and says what to do.
  await phone.goto(link);
  await expect(phone.getByRole("heading", { level: 1, name: "Your address is confirmed" })).toBeVisible();
  await fits(phone);
  await phone.context().clearCookies();
  await phone.getByRole("link", { name: "Sign in" }).click();
  await phone.getByLabel("User name or mail address").fill(ADA.mail);
  await phone.getByLabel("Password").fill(PASSWORD);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await expect(phone).toHaveURL(/\/account$/);
  await phone.close();
});

test("another browser has to know the password, and to look changes nothing", async ({ page, browser, usher, mailbox, axe, javaScriptEnabled }) => {
  await allowRegistration(page);
  const [one, other] = [await visitor(browser, usher.url, javaScriptEnabled), await visitor(browser, usher.url, javaScriptEnabled)];
  await register(one);
  const link = linkIn(await mailbox.mailTo(ADA.mail), "/register/verify/");
  await other.goto(link);
  await other.getByLabel("Password", { exact: true }).fill("a guess of somebody else");
  await confirm(other);
  await expect(other.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/not the password that was chosen/);
  await other.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await confirm(other);
  await expect(other).toHaveURL(/\/account$/);

  // A mail that was never sent holds no such link.
  await other.goto("/register/verify/nothing");
  await expect(other.getByRole("heading", { level: 1, name: "This link does not work" })).toBeVisible();
  await page.goto("/register/verify/nothing");
  await axe();
  await one.close();
  await other.close();
});

test("what is wrong is told beside its field, and what was typed stays", async ({ page, axe }) => {
  await allowRegistration(page, async (form) => {
    await form.getByLabel("Allowed mail domains").fill("example.org\nexample.net");
    await form.getByLabel("Phone number").selectOption({ label: "Required" });
    await form.getByLabel("Shortest password").fill("16");
  });
  await page.goto("/register");
  await expect(page.getByLabel("Mail address")).toHaveAccessibleDescription(/At example.org or example.net/);
  await page.getByLabel("Phone number").fill("+44 20 7946 0000");
  await fillIn(page, { ...ADA, mail: "ada@exampel.org" }, "too short");
  await expect(page.getByLabel("Mail address")).toHaveAccessibleDescription(/Did you mean ada@example\.org\?/);
  await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/at least 16 characters/);
  await expect(page.getByLabel("First name")).toHaveValue("Ada");
  await expect(page.getByLabel("Last name")).toHaveValue("Lovelace");
  await expect(page.getByLabel("Mail address")).toHaveValue("ada@exampel.org");
  await expect(page.getByLabel("Phone number")).toHaveValue("+44 20 7946 0000");
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  await axe();
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await fillIn(page, ADA);
  await expect(page.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
});

test("the answer is the same for an address that has an account; only its mail differs", async ({ page, browser, usher, mailbox, javaScriptEnabled }) => {
  await allowRegistration(page);
  const token = await usher.token("scim");
  const emails = [{ value: "grace@example.org", primary: true }];
  await usher.createUser(token, { userName: "grace", name: { givenName: "Grace", familyName: "Hopper" }, emails });
  const stranger = await visitor(browser, usher.url, javaScriptEnabled);
  await register(stranger);
  const told = await stranger.getByRole("main").innerText();
  await register(stranger, { given: "Not", family: "Grace", mail: "grace@example.org" });
  expect(await stranger.getByRole("main").innerText()).toBe(told);
  const mail = await mailbox.mailTo("grace@example.org");
  expect(mail.subject).toBe("You have an account at Usher");
  expect(mail.text).toContain("your user name is grace");
  expect(mail.text).not.toContain("/register/verify/");
  await stranger.close();
});

test("with Blocking and the target stopped nobody comes of it, and the same link works later", async ({ page, browser, usher, scim2Server, mailbox, javaScriptEnabled }) => {
  await connect(page, scim2Server, { blocking: true, waitSeconds: 5 });
  await allowRegistration(page);
  const somebody = await visitor(browser, usher.url, javaScriptEnabled);
  await register(somebody);
  const link = linkIn(await mailbox.mailTo(ADA.mail), "/register/verify/");
  await scim2Server.stop();
  await somebody.goto(link);
  await confirm(somebody);
  const refusal = somebody.getByRole("alert");
  await expect(refusal).toContainText(`Your account could not be made. ${scim2Server.name} does not answer at the moment.`);
  await expect(refusal).toContainText("this link goes on working");
  await expect(refusal).not.toContainText("127.0.0.1");
  const token = await usher.token("scim:read");
  const found = async () => (await usher.json(token, "GET", `/scim2/Users?filter=${encodeURIComponent(`userName eq "${ADA.mail}"`)}`)).totalResults;
  expect(await found()).toBe(0);

  await scim2Server.start();
  expect(await scim2Server.accounts()).toEqual([]);
  await expect(async () => {
    await somebody.goto(link);
    await confirm(somebody);
    await expect(somebody).toHaveURL(/\/account$/, { timeout: 8_000 });
  }).toPass();
  expect(await found()).toBe(1);
  expect((await scim2Server.accounts()).map(({ userName }) => userName)).toEqual([ADA.mail]);
  await somebody.close();
});

test("attributes of one's own are asked, checked and kept", async ({ page, browser, usher, mailbox, axe, javaScriptEnabled }) => {
  const urn = "urn:example:scim:schemas:2.0:Staff";
  await usher.json(await usher.token("admin"), "POST", "/api/v1/schemas", {
    urn,
    name: "Staff",
    attributes: [
      { name: "badge", label: "Badge number", description: "It is on the back." },
      { name: "floor", label: "Floor", type: "integer" },
      { name: "team", label: "Team", canonical_values: ["Red", "Blue"] },
      { name: "remote", label: "Works elsewhere", type: "boolean" },
    ],
  });
  await allowRegistration(page, async (form) => {
    await expect(form.getByLabel("Badge number")).toHaveAccessibleDescription("An attribute of Staff.");
    await form.getByLabel("Badge number").selectOption({ label: "Required" });
    await form.getByLabel("Floor").selectOption({ label: "Asked" });
    await form.getByLabel("Team").selectOption({ label: "Asked" });
  });
  await axe();
  await expect(page.getByLabel("Badge number")).toHaveValue("required");
  await expect(page.getByLabel("Works elsewhere")).toHaveValue("no");
  await page.goto("/register");
  await axe();
  const phone = await visitor(browser, usher.url, javaScriptEnabled, 360);
  await phone.goto("/register");
  await fits(phone);
  await expect(phone.getByLabel("Badge number")).toHaveAccessibleDescription("It is on the back.");
  await expect(phone.getByLabel("Works elsewhere")).toHaveCount(0);
  await phone.getByLabel("Floor").fill("third");
  await phone.getByLabel("Team").selectOption({ label: "Blue" });
  await fillIn(phone, ADA);
  await expect(phone.getByLabel("Badge number")).toHaveAccessibleDescription(/Badge number is required/);
  await expect(phone.getByLabel("Floor")).toHaveAccessibleDescription(/Enter a whole number/);
  await expect(phone.getByLabel("Floor")).toHaveValue("third");
  await expect(phone.getByLabel("Team")).toHaveValue("Blue");
  await fits(phone);
  await phone.getByLabel("Badge number").fill("B-1");
  await phone.getByLabel("Floor").fill("3");
  await phone.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await phone.getByRole("button", { name: "Register", exact: true }).click();
  await expect(phone.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  await phone.goto(linkIn(await mailbox.mailTo(ADA.mail), "/register/verify/"));
  await confirm(phone);
  await expect(phone).toHaveURL(/\/account$/);
  const filter = encodeURIComponent(`userName eq "${ADA.mail}"`);
  const found = await usher.json(await usher.token("scim:read"), "GET", `/scim2/Users?filter=${filter}`);
  expect(found.Resources[0][urn]).toEqual({ badge: "B-1", floor: 3, team: "Blue" });
  await phone.close();
});

test("groups of new users are chosen, and a mistyped one is answered with what was meant", async ({ page, usher, axe }) => {
  const token = await usher.token("scim");
  for (const displayName of ["Engineering", "Sales"]) {
    await usher.json(token, "POST", "/scim2/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName });
  }
  await page.goto("/console/self-registration");
  await page.getByLabel("Add a group of new users").selectOption({ label: "Sales" });
  await page.getByLabel("Groups of new users").fill("Enginering");
  await page.getByLabel("Account verification", { exact: true }).uncheck();
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Groups of new users")).toHaveAccessibleDescription(/Did you mean “Engineering”\?/);
  await expect(page.getByLabel("Add a group of new users")).toHaveValue("Sales");
  await axe();
  await page.getByLabel("Groups of new users").fill("Engineering");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Self registration was updated.")).toBeVisible();
  await expect(page.getByLabel("Groups of new users")).toHaveValue("Engineering\nSales");
  await expect(page.getByLabel("Add a group of new users").getByRole("option", { name: "Sales" })).toHaveCount(0);
});

test("with a proof of work the browser solves it, and without JavaScript the form works all the same", async ({ page, browser, usher, mailbox, axe, javaScriptEnabled }) => {
  await allowRegistration(page, async (form) => {
    await form.getByLabel("Proof of work").check();
  });
  await page.goto("/register");
  await axe();
  const phone = await visitor(browser, usher.url, javaScriptEnabled, 360);
  await phone.goto("/register");
  await fits(phone);
  const without = phone.getByText("Your browser runs no scripts");
  await expect(without).toHaveCount(javaScriptEnabled ? 0 : 1);
  const posted = phone.waitForRequest((request) => request.url().endsWith("/registration/register"));
  // Pressed at once: with JavaScript the form waits for its solution, and goes by itself.
  await fillIn(phone, ADA);
  const proof = new URLSearchParams((await posted).postData() ?? "").get("proof") ?? "";
  expect(proof.length > 0, "there is a solution where there is JavaScript").toBe(javaScriptEnabled);
  await expect(phone.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  const link = linkIn(await mailbox.mailTo(ADA.mail), "/register/verify/");
  await phone.goto(link);
  await confirm(phone);
  await expect(phone).toHaveURL(/\/account$/);

  // What is wrong comes back with a fresh challenge.
  const other = await visitor(browser, usher.url, javaScriptEnabled);
  await other.goto("/register");
  await fillIn(other, { ...ADA, mail: "grace@example.org" }, "too short");
  await expect(other.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/at least 12 characters/);
  await fillIn(other, { ...ADA, mail: "grace@example.org" });
  await expect(other.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  await phone.close();
  await other.close();
});

test("pressed before the proof of work is done, the form says so and goes by itself", async ({ page, browser, usher, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "Without JavaScript nothing is solved.");
  await allowRegistration(page, async (form) => {
    await form.getByLabel("Proof of work").check();
  });
  const somebody = await visitor(browser, usher.url, javaScriptEnabled);
  // The browser's cryptography answers once it is let.
  await somebody.addInitScript(() => {
    const derive = crypto.subtle.deriveBits.bind(crypto.subtle);
    const letGo = new Promise<void>((resolve) => document.addEventListener("let-go", () => resolve()));
    crypto.subtle.deriveBits = async (...given) => {
      await letGo;
      return derive(...given);
    };
  });
  await somebody.goto("/register");
  await fillIn(somebody, ADA);
  await expect(somebody.getByText("Checking that you are no robot…")).toBeVisible();
  await expect(somebody.getByLabel("Mail address")).toHaveValue(ADA.mail);
  await somebody.evaluate(() => document.dispatchEvent(new Event("let-go")));
  await expect(somebody.getByRole("heading", { level: 1, name: "Check your mail" })).toBeVisible();
  await somebody.close();
});

test("nobody registers where it is off", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("link", { name: "Register" })).toHaveCount(0);
  await page.goto("/register");
  await expect(page.getByRole("heading", { level: 1, name: "Nobody can register here" })).toBeVisible();
});

test("the settings tell what is wrong beside its field", async ({ page, axe }) => {
  await page.goto("/console/self-registration");
  await page.getByLabel("Account verification link expiry time").fill("2000");
  await page.getByLabel("Shortest password").fill("8");
  await page.getByLabel("Allowed mail domains").fill("nonsense");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Account verification link expiry time")).toHaveAccessibleDescription(/From 5 to 1440/);
  await expect(page.getByLabel("Account verification link expiry time")).toHaveValue("2000");
  await expect(page.getByLabel("Shortest password")).toHaveAccessibleDescription(/From 12 to 64/);
  await expect(page.getByLabel("Allowed mail domains")).toHaveAccessibleDescription(/“nonsense” is no domain/);
  await axe();
  await page.getByLabel("Account verification link expiry time").fill("60");
  await page.getByLabel("Shortest password").fill("16");
  await page.getByLabel("Allowed mail domains").fill("example.org");
  await page.getByLabel("Groups of new users").fill("Nowhere");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Groups of new users")).toHaveAccessibleDescription(/There is no group “Nowhere”/);
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
});

test("the pages before the console wear the organization's looks", async ({ page, axe }) => {
  await page.goto("/console/settings/branding");
  await page.getByLabel("Name", { exact: true }).fill("Analytical Engines");
  await page.getByLabel("Colour").fill("red");
  await page.getByLabel("Logo").fill("https://example.org/logo.png");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Colour")).toHaveAccessibleDescription(/A colour as #rrggbb/);
  await expect(page.getByLabel("Logo")).toHaveAccessibleDescription(/Paste an SVG image/);
  await page.getByLabel("Colour").fill("#ffd000");
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28"><circle cx="14" cy="14" r="13"/></svg>';
  await page.getByLabel("Logo").fill(drawing);
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The branding was updated.")).toBeVisible();
  await axe();
  await allowRegistration(page);
  for (const [path, button] of [["/sign-in", "Sign in"], ["/register", "Register"]]) {
    await page.goto(path);
    await expect(page.getByRole("main")).toContainText("Analytical Engines");
    const seen = await page.locator("main img").evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0);
    expect(seen, "the logo is drawn").toBe(true);
    const looks = await page.getByRole("button", { name: button, exact: true }).evaluate((element) => {
      const { backgroundColor, color } = getComputedStyle(element);
      return { backgroundColor, color };
    });
    expect(looks).toEqual({ backgroundColor: "rgb(255, 208, 0)", color: "rgb(0, 0, 0)" });
    await axe();
  }
});
