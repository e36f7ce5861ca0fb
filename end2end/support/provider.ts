// A real OpenID provider for people to sign in at: `oidc-provider`, which is certified.
import { type Page, expect } from "@playwright/test";
import { join } from "node:path";
import { Program, freePort } from "./program";
import type { Json } from "./usher";

/** Where it tells claims: in the ID token too, or at the user info endpoint alone. */
export type Claims = "in the ID token" | "at userinfo";

export class Provider {
  readonly clientId = "usher";
  /** Its signs have to be written as codes in the header that shows it to the provider. */
  readonly clientSecret = "s3cret of/usher+100%:";
  private program: Program | undefined;

  private constructor(private readonly port: number) {}

  static async create(): Promise<Provider> {
    const provider = new Provider(await freePort());
    await provider.start();
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it on the same port. It forgets everything at each stop. */
  async start(): Promise<void> {
    const command = [process.execPath, join(import.meta.dirname, "../peers/provider.mjs"), `${this.port}`];
    this.program = await Program.start(command, {}, `${this.issuer}/.well-known/openid-configuration`, ({ ok }) => ok);
  }

  async stop(): Promise<void> {
    await this.program?.stop();
    this.program = undefined;
  }

  log(): string {
    return this.program?.log() ?? "";
  }

  /** Registers Usher, as an administrator does there: by the addresses that the connection's page shows. */
  async register(callback: string, claims: Claims = "in the ID token"): Promise<void> {
    const { origin, pathname } = new URL(callback);
    await this.order("/client", {
      client_id: this.clientId,
      client_secret: this.clientSecret,
      redirect_uris: [callback],
      post_logout_redirect_uris: [`${origin}/sign-in`],
      backchannel_logout_uri: `${origin}${pathname.replace("/callback/", "/back-channel/")}`,
      backchannel_logout_session_required: true,
      claims_in_id_token: claims === "in the ID token",
    });
  }

  /** What it says of somebody from now on. */
  async tell(login: string, claims: Json = {}): Promise<void> {
    await this.order(`/accounts/${encodeURIComponent(login)}`, {
      preferred_username: login,
      email: `${login}@globex.example`,
      email_verified: true,
      given_name: "Freya",
      family_name: "Fjord",
      name: "Freya Fjord",
      ...claims,
    });
  }

  private async order(path: string, body: Json): Promise<void> {
    const response = await fetch(`${this.issuer}/-${path}`, { method: "PUT", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the provider takes no orders: ${response.status} ${await response.text()}`);
  }

  /** From the sign-in page to the provider's own. */
  async goTo(page: Page, connection: string): Promise<void> {
    await page.goto("/sign-in");
    await page.getByRole("button", { name: `Continue with ${connection}` }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Log in" })).toBeVisible();
    expect(page.url()).toContain(this.issuer);
  }

  /** From the sign-in page to the provider and back, as somebody. */
  async signIn(page: Page, connection: string, login: string): Promise<void> {
    // Whoever is signed in there is not asked again.
    await page.context().clearCookies();
    await this.goTo(page, connection);
    await page.getByLabel("Login").fill(login);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page).not.toHaveURL(new RegExp(`^${this.issuer}`));
  }
}
