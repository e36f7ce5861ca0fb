// The console's flows as an administrator walks them, by role and label. Each ends on the page that shows the result.
import { type Page, expect } from "@playwright/test";
import type { Claims, Provider } from "./provider";
import type { Target } from "./target";

export type Provisioner = { connection: string; blocking?: boolean; waitSeconds?: number; jitOutbound?: boolean };

/** Connections → New Connection → Custom Connector → Finish. */
export async function addConnection(page: Page, name: string, description = ""): Promise<void> {
  await page.goto("/console/connections");
  await page.getByRole("link", { name: "New Connection" }).click();
  await page.getByRole("link", { name: "Custom Connector" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Description").fill(description);
  await dialog.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** Outbound Provisioning → New Connector → … → Finish, with a bearer token. The connector is off afterwards. */
export async function addConnector(page: Page, target: Target): Promise<void> {
  await openWizard(page);
  await page.getByLabel("Authentication Mode").selectOption({ label: "Bearer token" });
  await page.getByLabel("Access Token").fill(target.token);
  await page.getByLabel("User Endpoint").fill(target.userEndpoint);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByText(target.userEndpoint)).toBeVisible();
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(connectorSwitch(page)).toBeVisible();
}

/** To step 2 of the wizard, SCIM 2.0 chosen. */
export async function openWizard(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Outbound Provisioning", exact: true }).click();
  await page.getByRole("link", { name: "New Connector" }).click();
  await page.getByRole("radio", { name: /SCIM 2\.0/ }).check();
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByLabel("User Endpoint")).toBeVisible();
}

export function connectorSwitch(page: Page) {
  return page.getByRole("switch", { name: "SCIM 2.0" });
}

export async function switchConnector(page: Page, on: boolean): Promise<void> {
  await connectorSwitch(page).click();
  await expect(connectorSwitch(page)).toHaveAttribute("aria-checked", `${on}`);
}

/** Login & Registration → Outbound Provisioning Configuration → New Provisioner → Finish. */
export async function addProvisioner(page: Page, wanted: Provisioner): Promise<void> {
  await page.goto("/console");
  await page.getByRole("link", { name: "Login & Registration" }).first().click();
  await page.getByRole("link", { name: /Outbound Provisioning Configuration/ }).click();
  await page.getByRole("link", { name: "New Provisioner" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Connection", { exact: true }).selectOption({ label: wanted.connection });
  const plain = dialog.getByRole("button", { name: "Show its connectors" });
  if (await plain.isVisible()) await plain.click();
  await dialog.getByLabel("Provisioning Connector").selectOption({ label: "SCIM 2.0" });
  if (wanted.blocking) {
    await dialog.getByRole("checkbox", { name: "Blocking" }).check();
    await dialog.getByLabel(/Wait at most/).fill(`${wanted.waitSeconds ?? 10}`);
  }
  if (wanted.jitOutbound) await dialog.getByRole("checkbox", { name: "JIT Outbound" }).check();
  await dialog.getByRole("button", { name: "Finish" }).last().click();
  await expect(page.getByRole("row", { name: new RegExp(wanted.connection) })).toBeVisible();
}

/** A connection with its connector switched on and a provisioner: everybody who comes in has an account there. */
export async function connect(page: Page, target: Target, rules: Omit<Provisioner, "connection"> = {}): Promise<void> {
  await addConnection(page, target.name);
  await addConnector(page, target);
  await switchConnector(page, true);
  await addProvisioner(page, { connection: target.name, ...rules });
}

/** Login & Registration → Self Registration: on, otherwise as it comes but for what `change` changes. */
export async function allowRegistration(page: Page, change: (form: Page) => Promise<void> = async () => {}): Promise<void> {
  await page.goto("/console");
  await page.getByRole("link", { name: "Login & Registration" }).first().click();
  await page.getByRole("link", { name: /Self Registration/ }).click();
  await page.getByRole("checkbox", { name: "Self registration", exact: true }).check();
  await change(page);
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("Self registration was updated.")).toBeVisible();
}

/** New Connection → Standard-Based IdP → Finish, and registered at the provider. Ends on its tab Settings. */
export async function addProvider(page: Page, provider: Provider, name: string, claims?: Claims): Promise<void> {
  await page.goto("/console/connections");
  await page.getByRole("link", { name: "New Connection" }).click();
  await page.getByRole("link", { name: "Standard-Based IdP" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Issuer").fill(provider.issuer);
  await page.getByLabel("Client ID").fill(provider.clientId);
  await page.getByLabel("Client secret").fill(provider.clientSecret);
  await page.getByLabel("Scopes").fill("openid profile email groups");
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await provider.register(await callback(page), claims);
}

/** The callback URL that the tab Settings shows. */
export async function callback(page: Page): Promise<string> {
  return (await page.getByRole("region", { name: "Callback URL" }).innerText()).trim();
}

/** A tab of the connection that is open: changed, and saved. */
export async function changeTab(page: Page, tab: string, change: (form: Page) => Promise<void>): Promise<void> {
  await page.getByRole("link", { name: tab, exact: true }).last().click();
  await expect(page.getByRole("heading", { level: 2, name: tab, exact: true })).toBeVisible();
  await change(page);
  await page.getByRole("button", { name: "Update" }).click();
  await expect(page.getByText("The connection was updated.")).toBeVisible();
}
