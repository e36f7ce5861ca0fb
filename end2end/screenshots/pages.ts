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
  group: string;
  delivery: string;
  /** A connection without a connector. */
  spare: string;
  /** A schema of custom attributes. */
  schema: string;
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
  const own = (await demo.call("GET", "/api/v1/schemas")).items[0];
  const schema =
    own ??
    (await demo.call("POST", "/api/v1/schemas", {
      urn: "urn:example:scim:schemas:2.0:Staff",
      name: "Staff",
      description: "What only people who work here have.",
      attributes: [
        { name: "badgeNumber", label: "Badge number", unique: true, description: "Printed on the badge." },
        { name: "floor", label: "Floor", type: "integer" },
        { name: "team", label: "Team", canonical_values: ["Red", "Green"] },
      ],
    }));
  const connection = await first("/api/v1/connections", (each) => each.name === "Acme Cloud");
  const connector = await first(`/api/v1/connections/${connection.id}/connectors`);
  const provisioner = await first("/api/v1/provisioners", (each) => each.connector_id === connector.id);
  const [group] = (await demo.call("GET", "/scim2/Groups?excludedAttributes=members")).Resources;
  const held = await first(`/api/v1/deliveries?connector_id=${connector.id}`, (each) => each.state === "held");
  return {
    connection: connection.id,
    connector: connector.id,
    provisioner: provisioner.id,
    user: held.user_id,
    group: group.id,
    delivery: held.id,
    spare: made.id,
    schema: schema.id,
  };
}

type Go = (at: Places) => string | ((page: Page) => Promise<void>);

/** One can come, one names a group that is not there, one is bad. */
const LIST = `username,givenname,familyname,email,groups
emmy,Emmy,Noether,emmy@example.org,
mary,Mary,Somerville,mary@example.org,Astronomers
sofia,Sofia,Kovalevskaya,no address,`;

const outbound = (id: string) => `/console/connections/${id}/outbound-provisioning`;

/** By the names of `Page` in routes.rs. A path, or the steps that lead there. */
export const PAGES: Record<string, Go> = {
  SignIn: () => "/sign-in",
  ForgotPassword: () => "/forgot-password",
  ForgotPasswordSent: () => "/forgot-password/sent",
  Register: () => "/register",
  RegisterSent: () => "/register/sent",
  Verify: () => "/register/verify/nothing",
  SignInUnderWay: () => "/sign-in/under-way/nothing",
  Account: () => "/account",
  EditProfile: () => "/account/profile",
  ChangeAddress: () => "/account/address",
  ConfirmAddress: () => "/account/address/nothing",
  ChangePassword: () => "/account/password",
  // Whoever is signed in is led on; second-factor.spec.ts comes half way.
  SecondStep: () => "/sign-in/second-factor",
  SecondFactors: () => "/account/second-factors",
  AddApp: () => async (page) => {
    await page.goto("/account/second-factors");
    await press(page, /^Add an authenticator app/);
    await expect(page.getByRole("img", { name: /^QR code/ })).toBeVisible();
  },
  AddPasskey: () => "/account/second-factors/passkey",
  RemoveSecondFactor: () => "/account/second-factors/00000000-0000-7000-8000-000000000000/remove",
  RecoveryCodes: () => "/account/second-factors/codes/00000000-0000-7000-8000-000000000000",
  Home: () => "/console",
  Connections: () => "/console/connections",
  ConnectionTemplates: () => "/console/connections/templates",
  NewCustomConnector: () => "/console/connections/templates/custom-connector",
  NewIdentityProvider: () => "/console/connections/templates/standard-based-idp",
  SignInSettings: () => (page) => signsIn(page, "Settings"),
  SignInTested: () => async (page) => {
    await signsIn(page, "Settings");
    await press(page, /^Test sign-in/);
    await expect(page).toHaveURL(/\/tested\//);
  },
  SignInAttributes: () => (page) => signsIn(page, "Attributes"),
  SignInGroups: () => (page) => signsIn(page, "Groups"),
  JustInTime: () => (page) => signsIn(page, "Just-in-Time Provisioning"),
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
  SelfRegistration: () => "/console/self-registration",
  OwnProfile: () => "/console/my-account",
  MultiFactor: () => "/console/multi-factor-authentication",
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
  NewImport: () => "/console/users/imports/new",
  Imports: () => "/console/users/imports",
  Import: () => async (page) => {
    await page.goto("/console/users/imports/new");
    await page.getByRole("textbox", { name: "List" }).fill(LIST);
    await press(page, /^Next/);
    await expect(page).toHaveURL(/\/imports\/[0-9a-f-]{36}$/);
  },
  User: (at) => `/console/users/${at.user}`,
  ResetPassword: (at) => `/console/users/${at.user}/password`,
  DisableUser: (at) => `/console/users/${at.user}/disable`,
  DeleteUser: (at) => `/console/users/${at.user}/delete`,
  UserGroups: (at) => `/console/users/${at.user}/groups`,
  AssignGroups: (at) => `/console/users/${at.user}/groups/assign`,
  UserRoles: (at) => `/console/users/${at.user}/roles`,
  UserSessions: (at) => `/console/users/${at.user}/sessions`,
  UserProvisioning: (at) => `/console/users/${at.user}/provisioning`,
  UserHistory: (at) => `/console/users/${at.user}/history`,
  ExplainDelivery: (at) => `/console/users/${at.user}/provisioning/${at.delivery}`,
  Groups: () => "/console/groups",
  NewGroup: () => "/console/groups/new",
  Group: (at) => `/console/groups/${at.group}`,
  DeleteGroup: (at) => `/console/groups/${at.group}/delete`,
  GroupMembers: (at) => `/console/groups/${at.group}/members`,
  AddMembers: (at) => `/console/groups/${at.group}/members/add`,
  Attributes: () => "/console/attributes",
  NewSchema: () => "/console/attributes/new",
  Schema: (at) => `/console/attributes/${at.schema}`,
  DeleteSchema: (at) => `/console/attributes/${at.schema}/delete`,
  NewAttribute: (at) => `/console/attributes/${at.schema}/new`,
  Attribute: (at) => async (page) => {
    await page.goto(`/console/attributes/${at.schema}`);
    await page.getByRole("link", { name: "Badge number" }).click();
    await expect(page.getByRole("heading", { name: "Edit Attribute" })).toBeVisible();
  },
  DeleteAttribute: (at) => async (page) => {
    await page.goto(`/console/attributes/${at.schema}`);
    await page.getByRole("link", { name: "Badge number" }).click();
    await page.getByRole("link", { name: "Delete…" }).last().click();
    await expect(page.getByRole("heading", { name: "Delete Badge number" })).toBeVisible();
  },
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
  Mails: () => "/console/activity/mails",
  Delivery: (at) => `/console/activity/${at.delivery}`,
  Logs: () => "/console/logs",
  Event: () => async (page) => {
    await page.goto("/console/logs?what=user.update");
    await page.locator("tbody a").first().click();
    await expect(page).toHaveURL(/\/logs\/\d+$/);
  },
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
  MailSettings: () => "/console/settings/mail",
  MailTemplate: () => "/console/settings/mail/verification",
  Branding: () => "/console/settings/branding",
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

/** A tab of the connection that signs people in; where the demo has none, one is made. */
async function signsIn(page: Page, tab: string): Promise<void> {
  await page.goto("/console/connections");
  const name = /^(Globex ID|Google)$/;
  const connection = page.getByRole("list", { name: "Connections" }).getByRole("link", { name });
  await expect(page.getByRole("list", { name: "Connections" })).toBeVisible();
  if ((await connection.count()) > 0) await connection.first().click();
  else {
    await page.goto("/console/connections/templates/google");
    await page.getByLabel("Client ID").fill("usher");
    await page.getByLabel("Client secret").fill("correct horse battery staple");
    await press(page, /^Finish/);
  }
  await page.getByRole("navigation", { name }).getByRole("link", { name: tab, exact: true }).click();
  await expect(page.getByRole("heading", { level: 2, name: tab, exact: true })).toBeVisible();
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
