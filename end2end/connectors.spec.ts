// Flow 2: the tab Outbound Provisioning, its wizard, and the connector's row.
import { addConnection, addConnector, connectorSwitch, openWizard, switchConnector } from "./support/console";
import { expect, test } from "./support/fixtures";

test.beforeEach(async ({ signIn, page }) => {
  await signIn();
  await addConnection(page, "Acme Cloud");
});

test("the wizard leads to a connector that is off, and the switch turns it on", async ({ page, scim2Server, axe }) => {
  await page.getByRole("link", { name: "Outbound Provisioning", exact: true }).click();
  await expect(page.getByRole("heading", { name: "No outbound provisioning connectors" })).toBeVisible();
  await axe();
  await addConnector(page, scim2Server);
  await expect(connectorSwitch(page)).toHaveAttribute("aria-checked", "false");
  await axe();
  await switchConnector(page, true);
  await expect(page.getByText("The connector is enabled.")).toBeVisible();
});

test("each authentication mode asks for what it needs", async ({ page, axe }) => {
  await openWizard(page);
  const mode = page.getByLabel("Authentication Mode");
  const fields: Record<string, string[]> = {
    None: [],
    Basic: ["Username", "Password"],
    "Bearer token": ["Access Token"],
    "API key": ["API Key Header Name", "API Key Value"],
    "Client credentials": ["Client ID", "Client Secret", "Token Endpoint"],
  };
  for (const [label, wanted] of Object.entries(fields)) {
    await mode.selectOption({ label });
    for (const field of wanted) await expect(page.getByLabel(field, { exact: true })).toBeVisible();
    const others = Object.values(fields).flat().filter((field) => !wanted.includes(field));
    for (const field of others) await expect(page.getByLabel(field, { exact: true })).toBeHidden();
  }
  await axe();
});

test("what is missing or no address is told beside the field, and what was typed stays", async ({ page }) => {
  await openWizard(page);
  await page.getByLabel("Authentication Mode").selectOption({ label: "Bearer token" });
  await page.getByLabel("User Endpoint").fill("not an address");
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByLabel("Access Token")).toHaveAccessibleDescription(/Access Token is required\./);
  await expect(page.getByLabel("User Endpoint")).toHaveAccessibleDescription(/full address that begins with/);
  await expect(page.getByLabel("User Endpoint")).toHaveValue("not an address");
  await page.getByLabel("Access Token").fill("t");
  await page.getByLabel("User Endpoint").fill("http://10.0.0.1/scim/Users");
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByLabel("User Endpoint")).toHaveAccessibleDescription(/private/);
});

test("Test connection tells each permission, good and bad", async ({ page, scim2Server }) => {
  await addConnector(page, scim2Server);
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Look up users")).toBeVisible();
  await page.goto(page.url().replace(/\/report\/.*$/, ""));
  await page.getByLabel("Access Token").fill("wrong");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connector was updated.")).toBeVisible();
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/Did not accept the credentials: 401/)).toBeVisible();
});

test("an enabled connector is not deleted, and says why; a disabled one is", async ({ page, scim2Server }) => {
  await addConnector(page, scim2Server);
  await switchConnector(page, true);
  await expect(page.getByText("Disable it to delete it.")).toBeVisible();
  await switchConnector(page, false);
  await page.getByRole("link", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { name: "No outbound provisioning connectors" })).toBeVisible();
});

test("a stored secret is never shown, and another address asks for it again", async ({ page, scim2Server }) => {
  await addConnector(page, scim2Server);
  await expect(page.getByLabel("Access Token")).toHaveValue("");
  expect(await page.content()).not.toContain(scim2Server.token);
  await page.getByLabel("User Endpoint").fill("https://elsewhere.example/Users");
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByLabel("Access Token")).toHaveAccessibleDescription(/Enter Access Token again/);
});
