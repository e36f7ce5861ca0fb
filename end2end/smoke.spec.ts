import { ADMIN, expect, test } from "./support/fixtures";

test("the sign-in page is whole, and keeps nobody out", async ({ page, hydrated, axe }) => {
  await page.goto("/sign-in");
  await expect(page.getByLabel("User name")).toBeVisible();
  await expect(page.getByLabel("Password")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeEnabled();
  await hydrated();
  await axe();
});

test("an administrator signs in", async ({ page, signIn, hydrated, axe }) => {
  await signIn();
  await hydrated();
  await expect(page).toHaveURL(/\/console/);
  await axe();
});

test("a wrong password is told, and what was typed is kept", async ({ page, javaScriptEnabled }) => {
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill(ADMIN.username);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("User name")).toHaveValue(ADMIN.username);
  // A hydrated page has not let go of it; one that the server sends again must not hold it.
  if (!javaScriptEnabled) await expect(page.getByLabel("Password")).toHaveValue("");
});

test("nothing is served from the file system", async ({ usher, page }) => {
  for (const path of ["/Cargo.toml", "/usher-data/usher.db", "/..%2fCargo.toml", "/usher.db"]) {
    const response = await page.request.get(`${usher.url}${path}`);
    expect(response.status(), path).toBe(404);
  }
});
