// Fails a test for what the browser complains about: broken policy, exceptions, hydration, errors and warnings.
import type { BrowserContext } from "@playwright/test";

export class Guard {
  private readonly complaints: string[] = [];
  // What is preloaded is used later than "within a few seconds" on a slow machine, and never without JavaScript.
  private readonly allowed = [/was preloaded using link preload but not used/];

  constructor(context: BrowserContext) {
    this.watch(context);
  }

  /** Another browser of the same test. */
  watch(context: BrowserContext): void {
    // Chromium reports what the Content-Security-Policy refused as an error on the console, without JavaScript too.
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.complain(`${message.type()} at ${message.location().url}: ${message.text()}`);
      }
    });
    context.on("weberror", (error) => this.complain(`exception: ${error.error().stack ?? error.error()}`));
    context.on("page", (page) => page.on("crash", () => this.complain(`${page.url()} crashed`)));
  }

  /** The browser's own line for this status is what the test wants to see. */
  expectStatus(status: number): void {
    this.allowed.push(new RegExp(`Failed to load resource: the server responded with a status of ${status} `));
  }

  /** The browser's own line for a server that is stopped. */
  expectUnreachable(): void {
    this.allowed.push(/Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INTERNET_DISCONNECTED)/);
  }

  /** Everything complained of that the test did not expect. */
  unexpected(): string[] {
    return this.complaints.filter((complaint) => !this.allowed.some((allowed) => allowed.test(complaint)));
  }

  private complain(complaint: string): void {
    this.complaints.push(complaint);
  }
}
