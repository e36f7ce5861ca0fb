// The peers themselves: a red test here means that the others cannot be believed.
import { expect, test } from "@playwright/test";
import { Target } from "./support/target";

const USER = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "ada" };

for (const start of [Target.scim2Server, Target.scimmy]) {
  test(`${start.name} keeps accounts, and comes back on the same port`, async () => {
    const target = await start();
    try {
      const headers = { authorization: `Bearer ${target.token}`, "content-type": "application/scim+json" };
      const created = await fetch(target.userEndpoint, { method: "POST", headers, body: JSON.stringify(USER) });
      expect(created.status).toBe(201);
      expect((await target.account("ada"))?.userName).toBe("ada");
      expect((await fetch(target.userEndpoint)).status).toBe(401);

      await target.stop();
      await expect(fetch(target.userEndpoint)).rejects.toThrow();
      await target.start();
      expect(await target.accounts()).toEqual([]);
    } finally {
      await target.dispose();
    }
  });
}
