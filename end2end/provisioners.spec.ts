// Flow 3: Login & Registration → Outbound Provisioning Configuration.
import { addConnection, addConnector, addProvisioner, switchConnector } from "./support/console";
import { expect, test } from "./support/fixtures";

test.beforeEach(async ({ signIn }) => signIn());

test("without an enabled connector there is nothing to choose, and it says so", async ({ page, axe }) => {
  await page.goto("/console/outbound-provisioning-settings");
  await expect(page.getByText("No outbound provisioners", { exact: true })).toBeVisible();
  await axe();
  await page.getByRole("link", { name: "New Provisioner" }).click();
  await expect(page.getByText(/No connection has an enabled connector yet/)).toBeVisible();
  await axe();
});

test("a provisioner is added, edited and deleted", async ({ page, scim2Server, axe }) => {
  await addConnection(page, "Acme Cloud");
  await addConnector(page, scim2Server);
  await switchConnector(page, true);
  await addProvisioner(page, { connection: "Acme Cloud", blocking: true, waitSeconds: 5, jitOutbound: true });
  const row = page.getByRole("row", { name: /Acme Cloud/ });
  await expect(row).toContainText("up to 5 s");
  await expect(row).toContainText("yes");
  await axe();

  await page.getByRole("link", { name: "Edit the provisioner of Acme Cloud" }).click();
  const dialog = page.getByRole("dialog");
  await axe();
  await dialog.getByLabel(/Wait at most/).fill("900");
  await dialog.getByRole("button", { name: "Update" }).click();
  await expect(dialog.getByLabel(/Wait at most/)).toHaveAccessibleDescription(/at most 60 seconds/);
  await dialog.getByRole("checkbox", { name: "Blocking" }).uncheck();
  await dialog.getByRole("button", { name: "Update" }).click();
  await expect(page.getByRole("row", { name: /Acme Cloud/ })).not.toContainText("up to");

  await page.getByRole("link", { name: "Edit the provisioner of Acme Cloud" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No outbound provisioners", { exact: true })).toBeVisible();
});

test("a connector has one provisioner", async ({ page, scim2Server }) => {
  await addConnection(page, "Acme Cloud");
  await addConnector(page, scim2Server);
  await switchConnector(page, true);
  await addProvisioner(page, { connection: "Acme Cloud" });
  await page.getByRole("link", { name: "New Provisioner" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Connection", { exact: true }).selectOption({ label: "Acme Cloud" });
  const plain = dialog.getByRole("button", { name: "Show its connectors" });
  if (await plain.isVisible()) await plain.click();
  await expect(dialog.getByText(/has a provisioner already/)).toBeVisible();
});
