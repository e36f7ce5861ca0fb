// The images of README.md and docs/: docs/images/<name>.png.
import { expect, test } from "@playwright/test";
import { join } from "node:path";
import { Demo } from "./demo";
import { open, places } from "./pages";
import { replaceWhatDiffers, still } from "./still";

/** The image's name, the page of routes.rs that it shows, and whether it is also taken dark. */
const IMAGES: [name: string, page: string, dark?: "dark"][] = [
  ["home", "Home", "dark"],
  ["connections", "Connections"],
  ["connection", "OutboundProvisioning"],
  ["new-connector", "ConfigureConnector"],
  ["new-provisioner", "NewProvisioner"],
  ["users", "Users"],
  ["add-user", "NewUser"],
  ["user-provisioning", "UserProvisioning"],
  ["activity", "Activity"],
  ["tokens", "Settings"],
];

test("the images of the documentation", async ({ browser }) => {
  const folder = process.env.USHER_SHOTS;
  if (!folder) throw new Error("USHER_SHOTS is not set: run `cargo xtask screenshots`");
  const demo = await Demo.start();
  try {
    const at = await places(demo);
    const page = await browser.newPage({ baseURL: demo.url });
    await demo.signIn(page);
    for (const [name, of, dark] of IMAGES) {
      for (const scheme of dark ? (["light", "dark"] as const) : (["light"] as const)) {
        await test.step(`${name}, ${scheme}`, async () => {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          await open(page, at, of);
          await still(page);
          const file = scheme === "dark" ? `${name}-dark.png` : `${name}.png`;
          await page.screenshot({ path: join(folder, file), animations: "disabled" });
        });
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(demo.said("Acme Cloud"));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // Not every machine has fonts for every script.
    await page.evaluate(() => {
      for (const row of document.querySelectorAll("tr")) if (/[\u3000-\u9fff]/.test(row.textContent ?? "")) row.remove();
    });
    await replaceWhatDiffers(page);
    await page.screenshot({ path: join(folder, "acme-cloud.png"), animations: "disabled" });
  } finally {
    await demo.stop();
  }
});
