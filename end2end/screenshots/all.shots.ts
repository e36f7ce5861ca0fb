// Every page of routes.rs, light and dark, on a desk and on a telephone: to be looked at, not to be kept.
import { test } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Demo } from "./demo";
import { PAGES, open, places } from "./pages";
import { still } from "./still";

const SIZES = { desk: { width: 1360, height: 820 }, telephone: { width: 360, height: 740 } };

test("every page", async ({ browser }) => {
  const folder = process.env.USHER_SHOTS;
  if (!folder) throw new Error("USHER_SHOTS is not set: run `cargo xtask screenshots --all FOLDER`");
  const unknown = (await listed()).filter((name) => !(name in PAGES));
  if (unknown.length > 0) throw new Error(`end2end/screenshots/pages.ts does not know the way to ${unknown.join(", ")}`);
  const demo = await Demo.start();
  const missed: string[] = [];
  try {
    const at = await places(demo);
    for (const scheme of ["light", "dark"] as const) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        const context = await browser.newContext({ baseURL: demo.url, viewport, colorScheme: scheme });
        const page = await context.newPage();
        page.setDefaultTimeout(10_000);
        await demo.signIn(page);
        for (const name of Object.keys(PAGES)) {
          try {
            await open(page, at, name);
            await still(page);
            const path = join(folder, `${name}-${scheme}-${size}.png`);
            await page.screenshot({ path, fullPage: true, animations: "disabled" });
          } catch (error) {
            missed.push(`${name}, ${scheme}, ${size}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
          }
        }
        await context.close();
      }
    }
  } finally {
    await demo.stop();
  }
  if (missed.length > 0) throw new Error(`not every page was reached:\n${missed.join("\n")}`);
});

/** The variants of `Page` that have an address, but for those of the kit, which releases lack. */
async function listed(): Promise<string[]> {
  const source = await readFile(join(import.meta.dirname, "../../app/src/routes.rs"), "utf8");
  const paths = source.slice(source.indexOf("pub fn path(&self)"), source.indexOf("pub fn Pages()"));
  const names = [...paths.matchAll(/Self::(\w+)(?:\([^)]*\))? =>/g)].map(([, name]) => name);
  if (names.length === 0) throw new Error("no page is listed in app/src/routes.rs");
  return names.filter((name) => !name.startsWith("Kit"));
}
