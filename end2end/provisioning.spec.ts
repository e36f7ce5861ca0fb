// From New Connection to an account in a real external system, and back again.
import { connect } from "./support/console";
import { test as base, expect } from "./support/fixtures";
import { Target } from "./support/target";
import type { Usher } from "./support/usher";

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const CORE = "urn:ietf:params:scim:schemas:core:2.0:User";
const ADA = {
  userName: "ada",
  name: { givenName: "Ada", familyName: "Lovelace" },
  emails: [{ value: "ada@example.org", type: "work", primary: true }],
  title: "Analyst",
};

const test = base.extend<{ kind: "scim2-server" | "scimmy"; target: Target }>({
  kind: ["scim2-server", { option: true }],
  target: async ({ kind }, use) => {
    const target = await (kind === "scimmy" ? Target.scimmy() : Target.scim2Server());
    await use(target);
    await target.dispose();
  },
});

test.beforeEach(async ({ signIn }) => signIn());

for (const kind of ["scim2-server", "scimmy"] as const) {
  test.describe(kind, () => {
    test.use({ kind });

    test("a user appears, follows an edit, is disabled and is gone", async ({ page, usher, target }) => {
      await connect(page, target);
      const token = await usher.token("scim");
      const { id } = await usher.createUser(token, { ...ADA, schemas: [CORE, ENTERPRISE], [ENTERPRISE]: { department: "Engines" } });
      await expect.poll(() => target.account("ada")).toMatchObject({
        externalId: id,
        name: { givenName: "Ada", familyName: "Lovelace" },
        title: "Analyst",
        active: true,
      });
      expect((await target.account("ada"))?.emails[0].value).toBe("ada@example.org");

      await patch(usher, token, id, [{ op: "replace", path: "title", value: "Countess" }]);
      await expect.poll(async () => (await target.account("ada"))?.title).toBe("Countess");
      await patch(usher, token, id, [{ op: "replace", path: "active", value: false }]);
      await expect.poll(async () => (await target.account("ada"))?.active).toBe(false);

      await usher.json(token, "DELETE", `/scim2/Users/${id}`);
      await expect.poll(() => target.account("ada")).toBeUndefined();
    });

    test("with Blocking and the target stopped, nobody is left behind", async ({ page, usher, target }) => {
      await connect(page, target, { blocking: true, waitSeconds: 5 });
      const token = await usher.token("scim", "admin");
      await target.stop();
      const refused = await usher.call(token, "POST", "/scim2/Users", { schemas: [CORE], ...ADA });
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).not.toBeNull();
      expect((await refused.json()).detail).toContain(target.name);
      expect(await usher.json(token, "GET", "/scim2/Users?filter=userName%20eq%20%22ada%22")).toMatchObject({ totalResults: 0 });

      await target.start();
      await expect.poll(async () => (await usher.call(token, "POST", "/scim2/Users", { schemas: [CORE], ...ADA })).status, {
        timeout: 40_000,
      }).toBe(201);
      expect((await target.accounts()).filter(({ userName }) => userName === "ada")).toHaveLength(1);
    });

    test("without Blocking the account appears when the target is back", async ({ page, usher, target }) => {
      await connect(page, target);
      const token = await usher.token("scim", "admin");
      await target.stop();
      const { id } = await usher.createUser(token, ADA);
      await expect
        .poll(async () => {
          const { items } = await usher.json(token, "GET", `/api/v1/users/${id}/deliveries`);
          return items[0]?.reason?.kind;
        })
        .toBe("target_down");
      await target.start();
      await expect.poll(() => target.account("ada"), { timeout: 40_000 }).toMatchObject({ externalId: id });
    });
  });
}

async function patch(usher: Usher, token: string, id: string, operations: object[]): Promise<void> {
  await usher.json(token, "PATCH", `/scim2/Users/${id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: operations,
  });
}
