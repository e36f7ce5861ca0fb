// SCIM 2.0 as somebody else understands it: the compliance test of scim2-cli against the real server. No browser.
import { expect, test } from "@playwright/test";
import { run } from "./support/program";
import { Usher } from "./support/usher";

/// The full schemas of users, enterprise users and groups give so many.
const CHECKS = 135;

test("every check of scim2-cli succeeds", async ({ javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "once is enough: nothing here knows of JavaScript");
  const usher = await Usher.create();
  try {
    const token = await usher.token("scim");
    const cli = `${process.env.USHER_PEERS}/venv/bin/scim`;
    const environment = { SCIM_CLI_HEADERS: `Authorization: Bearer ${token}`, NO_COLOR: "1" };
    const told = await run([cli, "--url", `${usher.url}/scim2`, "test"], environment);
    // Anything but a success ends the program with an error, which says what it was.
    const successes = told.split("\n").filter((line) => line.startsWith("SUCCESS"));
    expect(successes.length, told).toBeGreaterThanOrEqual(CHECKS);
  } finally {
    await usher.dispose();
  }
});
