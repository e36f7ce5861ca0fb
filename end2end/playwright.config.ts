// Every spec runs twice, with and without JavaScript; `*.hydrate.spec.ts` only with. `cargo xtask test` sets
// USHER_BIN, USHER_CHROMIUM, USHER_PEERS and USHER_RECAP, and runs one project after the other.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  // Two: each has a browser, a server and a peer, and the machines have few cores.
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // A test that passes the second time is a defect, here or there: it is told as flaky, and again below the table.
  retries: process.env.USHER_RECAP ? 1 : 0,
  reporter: [["list"], ["./support/recap.ts"]],
  // Twice what the slowest needs on two busy cores.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    // Not recorded: a trace would show the pages' secrets, and slows every test down.
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.USHER_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "js", use: { javaScriptEnabled: true } },
    { name: "nojs", use: { javaScriptEnabled: false }, testIgnore: "*.hydrate.spec.ts" },
  ],
});
