// Flow: Add User → Multiple Users, from a list to people who are here and at a real external system.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { connect } from "./support/console";
import { expect, test } from "./support/fixtures";

const HEADER = "username,givenname,familyname,email,groups";

test.beforeEach(async ({ signIn }) => signIn());

/** Users → Add User → Multiple Users. */
async function openForm(page: Page) {
  await page.goto("/console/users");
  await page.getByRole("link", { name: "Add User" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("link", { name: "Single User" })).toHaveAttribute("aria-current", "page");
  await dialog.getByRole("link", { name: "Multiple Users" }).click();
  await expect(dialog.getByLabel("Or a CSV file")).toBeVisible();
  return dialog;
}

async function paste(page: Page, list: string): Promise<void> {
  const dialog = await openForm(page);
  await dialog.getByRole("textbox", { name: "List" }).fill(list);
  await dialog.getByRole("button", { name: "Next" }).click();
}

async function choose(page: Page, name: string, content: Buffer): Promise<void> {
  const dialog = await openForm(page);
  await dialog.getByLabel("Or a CSV file").setInputFiles({ name, mimeType: "text/csv", buffer: content });
  await dialog.getByRole("button", { name: "Next" }).click();
}

/** Until the import is over: by itself where the page is alive, else by its link. */
async function ends(page: Page): Promise<void> {
  await expect(async () => {
    const refresh = page.getByRole("link", { name: "Refresh" });
    if (await refresh.isVisible()) await refresh.click();
    await expect(page.getByRole("link", { name: "Download the result" })).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 60_000 });
}

const row = (page: Page, text: RegExp) => page.getByRole("table", { name: "Lines" }).getByRole("row", { name: text });

test("a pasted list is looked over, brought in, and told of", async ({ page, usher, axe }) => {
  await usher.createUser(await usher.token("scim"), { userName: "grace" });
  const lines = ["ada,Ada,Lovelace,ada@example.org,Guides", "Grace,Grace,Hopper,,", "joan,Joan,Clarke,no address,", "ADA,,,,"];
  await paste(page, [HEADER, ...lines].join("\n"));
  await expect(page.getByRole("heading", { level: 1, name: "Pasted list" })).toBeVisible();
  await expect(row(page, /^3 Grace/)).toContainText("This user name is taken");
  await expect(row(page, /^4 joan/)).toContainText("“no address” is no mail address.");
  await expect(row(page, /^5 ADA/)).toContainText("This user name stands on line 2 already.");
  await expect(page.getByRole("table", { name: "Lines" }).getByRole("row")).toHaveCount(4);
  await axe();
  await page.getByRole("link", { name: /^Without their groups/ }).click();
  await expect(row(page, /^2 ada/)).toContainText("There is no group “Guides”.");
  await page.getByRole("checkbox", { name: "Create the groups that do not exist" }).check();
  await page.getByRole("button", { name: "Start import" }).click();
  await ends(page);
  await axe();
  await expect(row(page, /^2 ada/)).toContainText("Created");

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the result" }).click()]);
  const result = await readFile(await download.path(), "utf8");
  expect(result).toMatch(/^\uFEFFline,username,outcome,reason,id\r\n2,ada,created,,[0-9a-f-]{36}\r\n3,Grace,left out,/);

  await row(page, /^2 ada/).getByRole("link", { name: "ada" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Ada Lovelace" })).toBeVisible();
  await expect(page.getByText("import", { exact: false }).first()).toBeVisible();
  await page.goto("/console/users/imports");
  await expect(page.getByRole("row", { name: /Pasted list/ })).toContainText("Done");
  await axe();
});

test("a file of a spreadsheet reaches a connected system", async ({ page, scim2Server, axe }) => {
  await connect(page, scim2Server);
  const list = "\uFEFFE-mail;User name;Last name;First name\r\nada@example.org;ada;Lovelace;Ada\r\n\r\n\"clara@example.org\";clara;\"Müller; Dr.\";Clara\r\n";
  await choose(page, "people.csv", Buffer.from(list));
  await expect(page.getByRole("heading", { level: 1, name: "people.csv" })).toBeVisible();
  await expect(page.getByText("within moments")).toBeVisible();
  await expect(row(page, /^4 clara/)).toContainText("Clara Müller; Dr.");
  await axe();
  await page.getByRole("button", { name: "Start import" }).click();
  await ends(page);
  await expect.poll(async () => (await scim2Server.account("clara"))?.name?.familyName).toBe("Müller; Dr.");
  expect(await scim2Server.account("ada")).toMatchObject({ active: true, name: { givenName: "Ada" } });
  await page.goto("/console/users?search=lovelace");
  await expect(page.getByRole("row", { name: /Ada Lovelace/ })).toContainText("import");
});

test("what cannot be read is told beside where it was given, and what was typed stays", async ({ page, axe }) => {
  await paste(page, "name,phone\nada,1");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "List" })).toHaveAccessibleDescription(/has to name the columns/);
  await expect(dialog.getByRole("textbox", { name: "List" })).toHaveValue("name,phone\nada,1");
  await axe();
  await dialog.getByRole("textbox", { name: "List" }).fill("");
  await dialog.getByLabel("Or a CSV file").setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.alloc(6 * 1024 * 1024, "a") });
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByLabel("Or a CSV file")).toHaveAccessibleDescription(/larger than 5 MB/);
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByRole("textbox", { name: "List" })).toHaveAccessibleDescription(/Paste a list, or choose a file/);
});

test("a preview is cancelled and leaves nothing", async ({ page }) => {
  await paste(page, `${HEADER}\nada,,,,`);
  await expect(page.getByRole("heading", { level: 1, name: "Pasted list" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Users" })).toBeVisible();
  await expect(page.getByRole("row", { name: /ada/ })).toHaveCount(0);
  await page.goto("/console/users/imports");
  await expect(page.getByText("Nothing here")).toBeVisible();
});

test("a list without anybody who can come in cannot be started, and says why", async ({ page, axe }) => {
  await paste(page, `${HEADER}\n,Ada,,,`);
  await expect(row(page, /^2 /)).toContainText("A user name is required.");
  await expect(page.getByRole("button", { name: "Start import" })).toHaveAccessibleDescription(/No line can come in/);
  await axe();
});

test("an import that runs is stopped, and who was created stays", async ({ page, scim2Server }) => {
  await connect(page, scim2Server, { blocking: true, waitSeconds: 60 });
  scim2Server.freeze();
  const names = Array.from({ length: 40 }, (_, number) => `user${number}`);
  await paste(page, ["username", ...names].join("\n"));
  await expect(page.getByText("asked first")).toBeVisible();
  await page.getByRole("button", { name: "Start import" }).click();
  await expect(page.getByRole("term").filter({ hasText: "Still to come" })).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Lines that are done" })).toBeVisible();
  await page.getByRole("button", { name: "Stop import" }).click();
  await expect(page.getByText("The import was stopped.")).toBeVisible();
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  scim2Server.thaw();
});

test("nothing is wider than a narrow window", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await paste(page, `${HEADER}\n${"a".repeat(60)},Ada,Lovelace,${"b".repeat(60)}@example.org,${"c".repeat(60)}\n,,,,`);
  await expect(page.getByRole("heading", { level: 1, name: "Pasted list" })).toBeVisible();
  const preview = new URL(page.url()).pathname;
  for (const path of [`${preview}?part=all`, "/console/users/imports", "/console/users/imports/new"]) {
    await page.goto(path);
    const { width } = (await page.locator("html").boundingBox()) ?? { width: 0 };
    const content = await page.locator("body").evaluate((body) => body.ownerDocument.documentElement.scrollWidth);
    expect(content, path).toBeLessThanOrEqual(width);
  }
});
