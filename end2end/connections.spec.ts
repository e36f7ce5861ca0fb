// Flow 1: Connections, from the empty list to the danger zone.
import { addConnection } from "./support/console";
import { expect, test } from "./support/fixtures";

test.beforeEach(async ({ signIn }) => signIn());

test("the first connection is made from the empty list", async ({ page, axe }) => {
  await page.goto("/console/connections");
  await expect(page.getByText("There are no connections yet")).toBeVisible();
  await axe();
  await addConnection(page, "Acme Cloud", "Payroll and time sheets");
  await expect(page.getByText("The connection was created.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Acme Cloud");
  await expect(page.getByLabel("Description")).toHaveValue("Payroll and time sheets");
  await axe();
});

test("a wrong name comes back with its error and what was typed", async ({ page, axe }) => {
  await page.goto("/console/connections/templates/custom-connector");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("ab");
  await dialog.getByLabel("Description").fill("kept");
  await dialog.getByRole("button", { name: "Finish" }).click();
  await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription(/A name has 3 to 120 characters\./);
  await expect(dialog.getByLabel("Name")).toHaveValue("ab");
  await expect(dialog.getByLabel("Description")).toHaveValue("kept");
  await expect(dialog.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await axe();
});

test("a name that is taken in another case is refused", async ({ page }) => {
  await addConnection(page, "Acme Cloud");
  await page.goto("/console/connections/templates/custom-connector");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("ACME cloud");
  await dialog.getByRole("button", { name: "Finish" }).click();
  await expect(dialog.getByLabel("Name")).toHaveAccessibleDescription(/exists already/);
});

test("the list is searched by name", async ({ page, axe }) => {
  for (const name of ["Acme Cloud", "Sales", "Workspace"]) await addConnection(page, name);
  await page.goto("/console/connections");
  await page.getByLabel("Search by name").fill("sal");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("link", { name: /Sales/ })).toBeVisible();
  await expect(page.getByRole("link", { name: /Workspace/ })).toHaveCount(0);
  await page.getByLabel("Search by name").fill("nothing like it");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("No results found")).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "Clear search" }).click();
  await expect(page.getByRole("link", { name: /Workspace/ })).toBeVisible();
});

test("what an administrator types stays text", async ({ page }) => {
  const hostile = `</textarea><script>document.title="gone"</script> & "quotes"`;
  await addConnection(page, `Acme <b>"Cloud"</b>`, hostile);
  await page.reload();
  await expect(page.getByLabel("Description")).toHaveValue(hostile);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Acme <b>"Cloud"</b>`);
});

test("the second of two administrators who edit the same connection is told", async ({ page, context, signIn }) => {
  await addConnection(page, "Acme Cloud");
  const other = await context.newPage();
  await other.goto(page.url());
  await page.getByLabel("Description").fill("mine");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();
  await other.getByLabel("Description").fill("theirs");
  await other.getByRole("button", { name: "Update" }).click();
  await expect(other.getByText(/Somebody else has changed this/)).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Description")).toHaveValue("mine");
});

test("flipping the switch does not make the open form stale", async ({ page }) => {
  await addConnection(page, "Acme Cloud");
  await page.getByRole("switch", { name: "Connection Acme Cloud" }).click();
  await expect(page.getByRole("switch", { name: "Connection Acme Cloud" })).toHaveAttribute("aria-checked", "false");
  await page.getByLabel("Description").fill("paused for the audit");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();
});

test("a connection is deleted, and another tab that still shows it is told", async ({ page, context, guard }) => {
  await addConnection(page, "Acme Cloud");
  const other = await context.newPage();
  await other.goto(page.url());
  await page.getByRole("link", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("There are no connections yet")).toBeVisible();
  guard.expectStatus(404);
  await other.getByLabel("Description").fill("too late");
  await other.getByRole("button", { name: "Update" }).click();
  await expect(other.getByText(/was not found/).first()).toBeVisible();
});

test("without a session the console asks to sign in, and returns there", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/console/connections");
  await expect(page).toHaveURL(/\/sign-in/);
});
