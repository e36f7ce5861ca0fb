// People who come in by clients that somebody else wrote, and what a connected system is asked for because of them. No
// browser.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { run } from "./support/program";
import { Target } from "./support/target";
import { type Json, Usher } from "./support/usher";

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** Usher, a system that is connected to it, and a token that both clients come with. */
type Place = { usher: Usher; target: Target; token: string };

const test = base.extend<{ place: Place }>({
  place: async ({}, use) => {
    const usher = await Usher.create();
    const target = await Target.scim2Server();
    try {
      await use({ usher, target, token: await connect(usher, target) });
    } finally {
      await target.dispose();
      await usher.dispose();
    }
  },
});

test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "once is enough: nothing here knows of JavaScript");

test("scim-sim adds and removes people and moves them between groups", async ({ place }) => {
  const { usher, target, token } = place;
  const home = await mkdtemp(join(tmpdir(), "scim-sim-"));
  try {
    // What its own `setup` writes after asking for it.
    const settings = { SCIM_BASE_URL: `${usher.url}/scim2`, SCIM_AUTH_TOKEN: token };
    await writeFile(join(home, ".scim_config.json"), JSON.stringify(settings));
    // It ends with 0 even when it was refused: what it says decides.
    const sim = async (...order: string[]) => {
      const told = await run([`${process.env.USHER_PEERS}/venv/bin/scim-sim`, ...order], { HOME: home, PYTHONUTF8: "1" });
      expect(told).not.toContain("❌");
      return told;
    };
    const id = (told: string) => told.match(/ID: (\S+)/)?.[1] ?? "";

    const ada = id(await sim("add-user"));
    const bea = id(await sim("add-user"));
    const people: Json = await usher.json(token, "GET", "/scim2/Users?filter=externalId eq null&sortBy=id");
    expect(people.Resources.map((user: Json) => user.id)).toEqual(expect.arrayContaining([ada, bea]));
    const [one] = people.Resources.filter((user: Json) => user.id === ada);
    await expect.poll(() => target.account(one.userName)).toMatchObject({
      externalId: ada,
      name: one.name,
      nickName: one.nickName,
      active: true,
    });
    await expect.poll(() => requests(target, "POST", "Users")).toHaveLength(2);

    const team = id(await sim("create-group", "Engineering Team"));
    await sim("add-to-group", ada, team);
    await sim("add-to-group", bea, team);
    const members = async () => {
      const group = await usher.json(token, "GET", `/scim2/Groups/${team}`);
      return (group.members ?? []).map((member: Json) => member.value).sort();
    };
    expect(await members()).toEqual([ada, bea].sort());
    expect(await sim("show")).toContain("Engineering Team");
    await sim("remove-from-group", bea, team);
    expect(await members()).toEqual([ada]);

    await sim("remove-user", bea);
    await expect.poll(() => requests(target, "DELETE", "Users/")).toHaveLength(1);
    // Takes the group's people along, one by one.
    await sim("delete-group", team);
    await expect.poll(() => requests(target, "DELETE", "Users/")).toHaveLength(2);
    await expect.poll(() => target.accounts()).toEqual([]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test("scim2-cli creates, replaces, patches and deletes people, one by one and in bulk", async ({ place }) => {
  const { usher, target, token } = place;
  const scim = async (order: string[], input = "") => {
    const command = [`${process.env.USHER_PEERS}/venv/bin/scim`, "--url", `${usher.url}/scim2`, ...order];
    return run(command, { SCIM_CLI_HEADERS: `Authorization: Bearer ${token}`, NO_COLOR: "1" }, input);
  };
  const user = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "ada" };
  const full = {
    ...user,
    schemas: [...user.schemas, ENTERPRISE],
    name: { givenName: "Ada", familyName: "Lovelace" },
    emails: [{ value: "ada@example.org", type: "work", primary: true }],
    title: "Analyst",
    [ENTERPRISE]: { department: "Engines" },
  };
  const made: Json = JSON.parse(await scim(["create", "user"], JSON.stringify(full)));
  await expect.poll(() => target.account("ada")).toMatchObject({
    externalId: made.id,
    title: "Analyst",
    emails: [{ value: "ada@example.org" }],
    [ENTERPRISE]: { department: "Engines" },
  });
  expect(requests(target, "POST", "Users")).toHaveLength(1);

  const patched: Json = JSON.parse(
    await scim(["modify", "user", made.id, "replace", "title", "Countess", "replace", "active", "false"]),
  );
  expect(patched).toMatchObject({ id: made.id, title: "Countess", active: false });
  await expect.poll(() => target.account("ada")).toMatchObject({ title: "Countess", active: false });
  await scim(["replace", "user"], JSON.stringify({ ...user, id: made.id, displayName: "Ada Lovelace" }));
  await expect.poll(() => target.account("ada")).toMatchObject({ displayName: "Ada Lovelace", active: true });
  expect((await target.account("ada"))?.title ?? null).toBeNull();
  const changes = ["PATCH", "PUT"].flatMap((method) => requests(target, method, "Users/"));
  expect(changes.length).toBeGreaterThanOrEqual(2);

  const found: Json = JSON.parse(await scim(["query", "user", "--filter", 'userName eq "ADA"']));
  expect(found.Resources.map((one: Json) => one.id)).toEqual([made.id]);

  const operations = ["grace", "edith"].map((userName) => {
    return { method: "POST", path: "/Users", bulkId: userName, data: { ...user, userName } };
  });
  const request = { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: operations };
  const done: Json = JSON.parse(await scim(["bulk"], JSON.stringify(request)));
  expect(done.Operations.map((operation: Json) => operation.status)).toEqual(["201", "201"]);
  await expect.poll(async () => (await target.accounts()).map((one) => one.userName).sort()).toEqual(["ada", "edith", "grace"]);

  await scim(["delete", "user", made.id]);
  await expect.poll(() => target.account("ada")).toBeUndefined();
  expect(requests(target, "DELETE", "Users/")).toHaveLength(1);
});

/** Connects the target by the management API, so that everybody who comes in has an account there. */
async function connect(usher: Usher, target: Target): Promise<string> {
  const token = await usher.token("scim", "admin");
  const connection = await usher.json(token, "POST", "/api/v1/connections", { name: target.name });
  const connector = await usher.json(token, "POST", `/api/v1/connections/${connection.id}/connectors`, {
    kind: "scim2",
    enabled: true,
    properties: { authentication_mode: "bearer", access_token: target.token, user_endpoint: target.userEndpoint },
  });
  await usher.json(token, "POST", "/api/v1/provisioners", { connection_id: connection.id, connector_id: connector.id });
  return usher.token("scim");
}

/** The lines of the target's request log that are about this. */
function requests(target: Target, method: string, what: string): string[] {
  const request = `"${method} /v2/${what}`;
  return target.log().split("\n").filter((line) => line.includes(request));
}
