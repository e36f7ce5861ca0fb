// Every page of the console (app/src/routes.rs), and how to come to it in the demo.
import { type Page, expect } from "@playwright/test";
import type { Json } from "../support/usher";
import type { Demo } from "./demo";

/** What pages are about. */
export type Places = {
  connection: string;
  connector: string;
  provisioner: string;
  user: string;
  delivery: string;
  /** A connection without a connector. */
  spare: string;
};

export async function places(demo: Demo): Promise<Places> {
  const first = async (path: string, wanted: (item: Json) => boolean = () => true) => {
    const { items } = await demo.call("GET", path);
    const found = items.find(wanted) ?? items[0];
    if (!found) throw new Error(`the demo has nothing at ${path}`);
    return found;
  };
  const spare = "Payroll";
  const known = (await demo.call("GET", "/api/v1/connections")).items.find((each: Json) => each.name === spare);
  const made = known ?? (await demo.call("POST", "/api/v1/connections", { name: spare, description: "Not tied yet." }));
  const connection = await first("/api/v1/connections", (each) => each.name === "Acme Cloud");
  const connector = await first(`/api/v1/connections/${connection.id}/connectors`);
  const provisioner = await first("/api/v1/provisioners", (each) => each.connector_id === connector.id);
  const held = await first(`/api/v1/deliveries?connector_id=${connector.id}`, (each) => each.state === "held");
  return {
    connection: connection.id,
    connector: connector.id,
    provisioner: provisioner.id,
    user: held.user_id,
    delivery: held.id,
    spare: made.id,
  };
}

type Go = (at: Places) => string | ((page: Page) => Promise<void>);

const outbound = (id: string) => `/console/connections/${id}/outbound-provisioning`;

/** By the names of `Page` in routes.rs. A path, or the steps that lead there. */
export const PAGES: Record<string, Go> = {
  SignIn: () => "/sign-in",
  Home: () => "/console",
  Connections: () => "/console/connections",
  ConnectionTemplates: () => "/console/connections/templates",
  NewCustomConnector: () => "/console/connections/templates/custom-connector",
  Connection: (at) => `/console/connections/${at.connection}`,
  DeleteConnection: (at) => `/console/connections/${at.spare}/delete`,
  OutboundProvisioning: (at) => outbound(at.connection),
  NewConnector: (at) => `${outbound(at.spare)}/new`,
  ConfigureConnector: (at) => (page) => steps(page, `${outbound(at.spare)}/new`, 1),
  SummariseConnector: (at) => (page) => steps(page, `${outbound(at.spare)}/new`, 2),
  ConnectorReport: (at) => async (page) => {
    await page.goto(outbound(at.connection));
    await press(page, /^Test connection/);
    await expect(page).toHaveURL(/\/report\//);
  },
  DeleteConnector: (at) => `${outbound(at.connection)}/${at.connector}/delete`,
  LoginAndRegistration: () => "/console/login-and-registration",
  Provisioners: () => "/console/outbound-provisioning-settings",
  NewProvisioner: () => "/console/outbound-provisioning-settings/new",
  Provisioner: (at) => `/console/outbound-provisioning-settings/${at.provisioner}`,
  DeleteProvisioner: (at) => `/console/outbound-provisioning-settings/${at.provisioner}/delete`,
  Users: () => "/console/users",
  NewUser: () => "/console/users/new",
  ChoosePassword: () => (page) => steps(page, "/console/users/new", 1),
  SummariseUser: () => (page) => steps(page, "/console/users/new", 2),
  HandOver: () => async (page) => {
    await steps(page, "/console/users/new", 3);
    await expect(page).toHaveURL(/\/hand-over\//);
  },
  User: (at) => `/console/users/${at.user}`,
  ResetPassword: (at) => `/console/users/${at.user}/password`,
  DisableUser: (at) => `/console/users/${at.user}/disable`,
  DeleteUser: (at) => `/console/users/${at.user}/delete`,
  UserRoles: (at) => `/console/users/${at.user}/roles`,
  UserSessions: (at) => `/console/users/${at.user}/sessions`,
  UserProvisioning: (at) => `/console/users/${at.user}/provisioning`,
  ExplainDelivery: (at) => `/console/users/${at.user}/provisioning/${at.delivery}`,
  ActOnSelected: () => async (page) => {
    await page.goto("/console/users");
    for (const box of (await page.getByRole("checkbox", { name: /^Select (?!all)/ }).all()).slice(0, 3)) await box.check();
    await press(page, /^Disable/);
    await expect(page).toHaveURL(/\/selected\//);
  },
  NotDone: () => async (page) => {
    await page.goto("/console/users?role=administrator");
    await page.getByRole("checkbox", { name: /^Select (?!all)/ }).first().check();
    await press(page, /^Lock/);
    await press(page, /^Lock 1 user/);
    await expect(page).toHaveURL(/\/not-done/);
  },
  Roles: () => "/console/roles",
  AddRole: () => "/console/roles/operator/add?search=a",
  RemoveRole: (at) => `/console/roles/${at.user}/remove`,
  SetPassword: () => async (page) => {
    await steps(page, "/console/users/new", 3);
    const link = await page.getByText("/set-password/").last().textContent();
    await page.goto(/\/set-password\/[\w-]+/.exec(link ?? "")?.[0] ?? "/set-password/nothing");
  },
  Activity: () => "/console/activity",
  Delivery: (at) => `/console/activity/${at.delivery}`,
  Settings: () => "/console/settings",
  NewToken: () => "/console/settings/tokens/new",
  CreatedToken: () => async (page) => {
    await steps(page, "/console/settings/tokens/new", 1);
    await expect(page).toHaveURL(/\/created\//);
  },
  RevokeToken: () => async (page) => {
    await page.goto("/console/settings");
    await page.locator("a[href$='/revoke']").first().click();
    await expect(page).toHaveURL(/\/revoke$/);
  },
  MySessions: () => "/console/settings/sessions",
  Appearance: () => "/console/settings/appearance",
  About: () => "/console/settings/about",
  Search: () => "/console/search?q=ad",
  Shortcuts: () => "/console/shortcuts",
  Tour: () => "/console/tour",
};

export async function open(page: Page, at: Places, name: string): Promise<void> {
  const go = PAGES[name]?.(at);
  if (go === undefined) throw new Error(`end2end/screenshots/pages.ts does not know the way to ${name}`);
  if (typeof go === "string") await page.goto(go);
  else await go(page);
}

/** Goes through so many steps of a wizard, with something in each field. */
async function steps(page: Page, path: string, count: number): Promise<void> {
  await page.goto(path);
  await page.locator("html[data-hydrated]").waitFor();
  for (let step = 0; step < count; step++) {
    const before = page.url();
    await fill(page);
    await press(page, /^(Next|Finish|Create|Save|Add|Make)/);
    await expect(page, `step ${step + 1} of ${path}`).not.toHaveURL(before);
  }
}

async function press(page: Page, name: RegExp): Promise<void> {
  const within = (await page.getByRole("dialog").count()) > 0 ? page.getByRole("dialog").last() : page.locator("main");
  await within.getByRole("button", { name }).last().click();
}

let people = 0;

/** What somebody would type in what is empty. */
async function fill(page: Page): Promise<void> {
  const scope = (await page.getByRole("dialog").count()) > 0 ? page.getByRole("dialog").last() : page.locator("main");
  const radios = scope.getByRole("radio");
  if ((await radios.count()) > 0 && (await scope.locator("input[type=radio]:checked").count()) === 0) {
    await radios.first().check();
  }
  const boxes = scope.getByRole("checkbox");
  if ((await boxes.count()) > 0 && (await scope.locator("input[type=checkbox]:checked").count()) === 0) {
    await boxes.first().check();
  }
  people += 1;
  for (const field of await scope.locator("input:not([type=hidden], [type=radio], [type=checkbox])").all()) {
    if (!(await field.isVisible()) || (await field.inputValue()) !== "") continue;
    const name = ((await field.getAttribute("name")) ?? "").toLowerCase();
    if ((await field.getAttribute("type")) === "password") await field.fill("correct horse battery staple");
    else if (name.includes("mail")) await field.fill(`noether${people}@example.org`);
    else if (name.includes("user") && name.includes("name")) await field.fill(`noether${people}`);
    else if (name.includes("given")) await field.fill("Emmy");
    else if (name.includes("family")) await field.fill("Noether");
    else if (name.includes("user_endpoint")) await field.fill("https://payroll.example.com/scim/v2/Users");
    else if (name === "name") await field.fill(`HR system ${people}`);
  }
}
