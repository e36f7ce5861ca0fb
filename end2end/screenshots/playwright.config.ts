// Images of the console, taken from the demo by `cargo xtask screenshots`. Not tests: they run when asked for.
import { defineConfig } from "@playwright/test";
import tests from "../playwright.config";

export default defineConfig({
  ...tests,
  testDir: ".",
  // Those of the tests are found from their folder.
  reporter: "list",
  testMatch: "*.shots.ts",
  outputDir: "../test-results",
  // One demo, one browser: what one changes would be in the other's image.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 600_000,
  use: { ...tests.use, screenshot: "off", viewport: { width: 1360, height: 820 }, deviceScaleFactor: 1 },
  projects: [
    { name: "docs", testMatch: "docs.shots.ts" },
    { name: "all", testMatch: "all.shots.ts" },
  ],
});
