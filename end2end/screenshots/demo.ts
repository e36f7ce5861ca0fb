// `usher demo`, filled and at rest, and what its pages are called.
import { type Page, expect } from "@playwright/test";
import { setTimeout as wait } from "node:timers/promises";
import { Program, freePort } from "../support/program";
import type { Json } from "../support/usher";

const AT_REST_WITHIN_MS = 120_000;
/** So often in a row nothing moved. */
const STILL = 4;

export class Demo {
  private constructor(
    private readonly program: Program,
    readonly url: string,
    /** What it printed: each word and what stands behind it. */
    private readonly printed: Map<string, string>,
  ) {}

  static async start(): Promise<Demo> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const command = [binary(), "demo", "--listen", new URL(url).host];
    const program = await Program.start(command, {}, `${url}/readyz`, ({ ok }) => ok);
    const printed = new Map<string, string>();
    await expect(() => {
      for (const [, word, value] of program.log().matchAll(/^ +(\w[\w ]*?) {2,}(\S+)$/gm)) printed.set(word, value);
      expect([...printed.keys()]).toEqual(expect.arrayContaining(["Password", "API token"]));
    }).toPass({ timeout: 60_000 });
    const demo = new Demo(program, url, printed);
    await demo.rest();
    return demo;
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }

  /** What stands behind this word where the demo says what it is. */
  said(word: string): string {
    const value = this.printed.get(word);
    if (!value) throw new Error(`the demo did not print "${word}":\n${this.program.log()}`);
    return value;
  }

  async signIn(page: Page): Promise<void> {
    await page.goto(`${this.url}/sign-in`);
    await page.getByLabel("User name").fill(this.said("User name"));
    await page.getByLabel("Password").fill(this.said("Password"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("Sign in");
  }

  async call(method: string, path: string, body?: Json): Promise<Json> {
    const headers = { authorization: `Bearer ${this.said("API token")}`, "content-type": "application/json" };
    const response = await fetch(`${this.url}${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  /** Until everybody is there and nothing is on its way. */
  private async rest(): Promise<void> {
    const deadline = Date.now() + AT_REST_WITHIN_MS;
    let before = "";
    for (let still = 0; still < STILL; ) {
      if (Date.now() > deadline) throw new Error(`the demo does not come to rest:\n${this.program.log()}`);
      await wait(500);
      const users = await this.call("GET", "/scim2/Users?count=0");
      const open = await this.call("GET", "/api/v1/deliveries?state=running");
      const done = await this.call("GET", "/api/v1/connectors");
      const now = JSON.stringify([users.totalResults, open.items, done.items.map((each: Json) => each.open_deliveries)]);
      still = now === before && open.items.length === 0 ? still + 1 : 0;
      before = now;
    }
  }
}

function binary(): string {
  const path = process.env.USHER_BIN;
  if (!path) throw new Error("USHER_BIN is not set: run `cargo xtask screenshots`");
  return path;
}
