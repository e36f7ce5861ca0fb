// SCIM 2.0 as somebody else understands it: the compliance test of scim2-cli against the real server. No browser.
import { expect, test } from "@playwright/test";
import { run } from "./support/program";
import { Usher } from "./support/usher";

/// The full schemas of users, enterprise users and groups give so many.
const CHECKS = 135;

/// Attributes that an administrator can define, but for those that the compliance test judges wrongly in an extension: it
/// fills dates and decimal numbers with texts, changes what was set once, takes a list for replaced by what was added to
/// it, and misses what is told on request alone. server/tests/it/schemas.rs has them all.
const STAFF = {
  urn: "urn:example:scim:schemas:2.0:Staff",
  name: "Staff",
  description: "People who work here.",
  attributes: [
    { name: "badgeNumber", label: "Badge number", unique: true },
    { name: "floor", type: "integer" },
    { name: "remote", type: "boolean" },
    { name: "page", type: "reference" },
    { name: "team", canonical_values: ["Red", "Green"] },
    { name: "kind", returned: "always", case_exact: true },
  ],
};

for (const [name, schemas] of [["the standard schemas", []], ["a schema of an administrator's", [STAFF]]] as const) {
  test(`every check of scim2-cli succeeds, with ${name}`, async ({ javaScriptEnabled }) => {
    test.skip(!javaScriptEnabled, "once is enough: nothing here knows of JavaScript");
    const usher = await Usher.create();
    try {
      const token = await usher.token("scim");
      const admin = await usher.token("admin");
      for (const schema of schemas) await usher.json(admin, "POST", "/api/v1/schemas", schema);
      const cli = `${process.env.USHER_PEERS}/venv/bin/scim`;
      const environment = { SCIM_CLI_HEADERS: `Authorization: Bearer ${token}`, NO_COLOR: "1" };
      const told = await run([cli, "--url", `${usher.url}/scim2`, "test"], environment);
      // Anything but a success ends the program with an error, which says what it was.
      const successes = told.split("\n").filter((line) => line.startsWith("SUCCESS"));
      expect(successes.length, told).toBeGreaterThanOrEqual(CHECKS);
      // It tests what it finds: a schema that it missed would pass.
      for (const { urn, attributes } of schemas) {
        for (const attribute of attributes) {
          for (const done of ["added", "replaced", "removed"]) {
            expect(told).toContain(`Successfully ${done} attribute '${urn}:${attribute.name}'`);
          }
        }
      }
    } finally {
      await usher.dispose();
    }
  });
}
