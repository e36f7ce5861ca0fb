// Flow 6: Home, from an empty Usher whose first steps are ticked one by one to what needs somebody.
import { addConnection, addConnector, addProvisioner, switchConnector } from "./support/console";
import { expect, test } from "./support/fixtures";

const STEPS = ["Connect a system", "Switch it on", "Provision everybody", "Add the first person"];

test.beforeEach(async ({ signIn }) => signIn());

test("the first steps are ticked one by one, and then Home tells how things stand", async ({ page, usher, scimmy, axe }) => {
  const ticked = async (done: number) => {
    await page.goto("/console");
    const steps = page.getByRole("region", { name: "What to do first" }).getByRole("listitem");
    await expect(steps).toHaveCount(STEPS.length);
    for (const [place, title] of STEPS.entries()) {
      await expect(steps.nth(place)).toContainText(title);
      await expect(steps.nth(place).getByText("Done.")).toHaveCount(place < done ? 1 : 0);
    }
    await axe();
    return page.getByRole("link", { name: STEPS[done] });
  };
  await (await ticked(0)).click();
  await expect(page).toHaveURL(/\/connections\/templates$/);
  await addConnection(page, scimmy.name);
  await addConnector(page, scimmy);
  await (await ticked(1)).click();
  await switchConnector(page, true);
  await (await ticked(2)).click();
  await expect(page.getByRole("dialog", { name: "New Provisioner" })).toBeVisible();
  await addProvisioner(page, { connection: scimmy.name });
  await (await ticked(3)).click();
  await expect(page).toHaveURL(/\/users\/new$/);

  const token = await usher.token("scim");
  await usher.createUser(token, { userName: "ada" });
  await expect.poll(() => scimmy.account("ada")).toBeTruthy();
  await expect(async () => {
    await page.goto("/console");
    await expect(page.getByText("2 people · 1 system · everything is delivered")).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(page.getByText("What to do first")).toBeHidden();
  const row = page.getByRole("row", { name: new RegExp(scimmy.name) });
  await expect(row).toContainText("In step");
  await expect(row).toContainText("1 delivered");
  await expect(page.getByRole("table", { name: "Deliveries, last 24 hours" }).getByRole("row")).toHaveCount(25);
  await axe();
});

test("what needs somebody comes first, and leads to it", async ({ page, usher, scimmy, axe }) => {
  await addConnection(page, scimmy.name);
  await addConnector(page, scimmy);
  await switchConnector(page, true);
  await addProvisioner(page, { connection: scimmy.name });
  const token = await usher.token("scim", "admin");
  await scimmy.refuse("no licence left");
  for (const userName of ["ada", "bea"]) await usher.createUser(token, { userName });
  await expect
    .poll(async () => (await usher.json(token, "GET", "/api/v1/deliveries?state=held")).items.length, { timeout: 20_000 })
    .toBe(2);
  await page.goto("/console");
  const needs = page.getByRole("region", { name: "What needs somebody" });
  await expect(needs).toContainText(`${scimmy.name} needs you. 2 accounts are held: no licence left.`);
  await expect(page.getByRole("row", { name: new RegExp(scimmy.name) })).toContainText("2 held");
  await axe();
  await needs.getByRole("link", { name: "See them" }).click();
  await expect(page).toHaveURL(/\/activity\?.*state=held/);
  await expect(page.getByRole("row", { name: /ada/ })).toBeVisible();
});
