// What every spec starts from: `import { expect, test } from "./support/fixtures"`.
//
// - `usher`: the server, new and empty but for the administrator; `page` is at home there
// - `signIn()`: signs the administrator in, as a person does
// - `scim2Server`, `scimmy`: targets, started when a test names them
// - `provider`: an OpenID provider to sign in at
// - `mailbox`: what Usher sends arrives there, where the spec is made from `testWithMail`
// - `visitor()`: a telephone of somebody who has nothing to do with the administrator's browser
// - `axe()`: fails on what keeps somebody out of the page
// - `hydrated()`: the page is alive; at once true without JavaScript, and outside the console, where no program is loaded
// - `guard`: watches every test; name it to expect a status
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, type Page, type TestInfo, test as base, expect } from "@playwright/test";
import { Guard } from "./guard";
import { Mailbox } from "./mailbox";
import { Provider } from "./provider";
import { Target } from "./target";
import { ADMIN, Usher } from "./usher";

export { ADMIN, expect };

type Fixtures = {
  guard: Guard;
  usher: Usher;
  scim2Server: Target;
  scimmy: Target;
  mailbox: Mailbox;
  provider: Provider;
  signIn: (page?: Page) => Promise<void>;
  visitor: () => Promise<Page>;
  axe: (page?: Page) => Promise<void>;
  hydrated: (page?: Page) => Promise<void>;
};

export const test = base.extend<Fixtures>({
  usher: async ({}, use, testInfo) => lendUsher(await Usher.create(), use, testInfo),

  baseURL: async ({ usher }, use) => use(usher.url),

  guard: [
    async ({ context }, use) => {
      const guard = new Guard(context);
      await use(guard);
      expect(guard.unexpected(), "what the browser complained of").toEqual([]);
    },
    { auto: true },
  ],

  scim2Server: async ({}, use) => lend(await Target.scim2Server(), use),

  scimmy: async ({}, use) => lend(await Target.scimmy(), use),

  provider: async ({}, use, testInfo) => {
    const provider = await Provider.create();
    try {
      await use(provider);
    } finally {
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("provider.log", { body: provider.log(), contentType: "text/plain" });
      }
      await provider.stop();
    }
  },

  mailbox: async ({}, use) => {
    const mailbox = await Mailbox.create();
    try {
      await use(mailbox);
    } finally {
      await mailbox.stop();
    }
  },

  signIn: async ({ page }, use) => {
    await use(async (on = page) => {
      await on.goto("/sign-in");
      await on.getByLabel("User name or mail address").fill(ADMIN.username);
      await on.getByLabel("Password").fill(ADMIN.password);
      await on.getByRole("button", { name: "Sign in" }).click();
      await expect(on).not.toHaveURL(/\/sign-in/);
    });
  },

  visitor: async ({ browser, baseURL, javaScriptEnabled, guard }, use) => {
    const telephones: BrowserContext[] = [];
    await use(async () => {
      const viewport = { width: 360, height: 740 };
      const telephone = await browser.newContext({ baseURL, javaScriptEnabled, viewport });
      telephones.push(telephone);
      guard.watch(telephone);
      return telephone.newPage();
    });
    for (const telephone of telephones) await telephone.close();
  },

  axe: async ({ page, browser, javaScriptEnabled }, use) => {
    let glass: Page | undefined;
    await use(async (on = page) => {
      if (!javaScriptEnabled) {
        // Axe opens another page beside it, which one of `browser.newPage` does not allow.
        glass ??= await (await browser.newContext({ javaScriptEnabled: true })).newPage();
        await copy(on, glass);
      }
      const { violations } = await new AxeBuilder({ page: glass ?? on }).analyze();
      const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html }) => html) }));
      expect(found, `what axe found on ${on.url()}`).toEqual([]);
    });
    await glass?.context().close();
  },

  hydrated: async ({ page, javaScriptEnabled }, use) => {
    await use(async (on = page) => {
      if (!javaScriptEnabled || (await on.locator("main.bare, div.personal").count()) > 0) return;
      await expect(on.locator("html")).toHaveAttribute("data-hydrated");
    });
  },
});

/** The same, with mail set up. */
export const testWithMail = test.extend({
  usher: async ({ mailbox }, use, testInfo) => {
    return lendUsher(await Usher.create({ USHER_SMTP_URL: mailbox.url }), use, testInfo);
  },
});

/** The same at a name instead of an address. */
export const testAtName = test.extend({
  usher: async ({}, use, testInfo) => lendUsher(await Usher.createAtName(), use, testInfo),
});

/** Shows the page where axe can run, which is a script itself. Nothing runs there of the page's own. */
async function copy(page: Page, glass: Page): Promise<void> {
  const body = (await page.content()).replace(/<script\b.*?<\/script>/gs, "");
  const size = page.viewportSize();
  if (size) await glass.setViewportSize(size);
  await glass.unrouteAll();
  await glass.route(page.url(), (route) => route.fulfill({ body, contentType: "text/html; charset=utf-8" }));
  // Addresses that differ behind their # alone would lead nowhere.
  await glass.goto("about:blank");
  await glass.goto(page.url());
}

async function lendUsher(usher: Usher, use: (usher: Usher) => Promise<void>, testInfo: TestInfo): Promise<void> {
  await use(usher);
  if (testInfo.status !== testInfo.expectedStatus) {
    await testInfo.attach("usher.log", { body: usher.log(), contentType: "text/plain" });
  }
  await usher.dispose();
}

async function lend(target: Target, use: (target: Target) => Promise<void>): Promise<void> {
  try {
    await use(target);
  } finally {
    await target.dispose();
  }
}
