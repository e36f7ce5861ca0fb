// The real binary, on a free port, with a data folder of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, freePort, run } from "./program";

export const ADMIN = { username: "admin", password: "correct horse battery staple" };

const SCIM_USER = "urn:ietf:params:scim:schemas:core:2.0:User";

export type Scope = "scim" | "scim:read" | "admin" | "admin:read";
export type Json = { [key: string]: any };

export class Usher {
  private program: Program | undefined;

  private constructor(
    readonly url: string,
    readonly dataDir: string,
    private readonly port: number,
    private readonly settings: Record<string, string>,
  ) {}

  /** Starts it, with these settings beside those that every test needs. */
  static async create(settings: Record<string, string> = {}): Promise<Usher> {
    return Usher.createAt("127.0.0.1", await freePort(), settings);
  }

  /** The same at a name, which an address is not: passkeys belong to one. */
  static async createAtName(): Promise<Usher> {
    const port = await freePort();
    return Usher.createAt("localhost", port, { USHER_PUBLIC_URL: `http://localhost:${port}` });
  }

  private static async createAt(host: string, port: number, settings: Record<string, string>): Promise<Usher> {
    const usher = new Usher(`http://${host}:${port}`, await mkdtemp(join(tmpdir(), "usher-")), port, settings);
    await usher.start();
    return usher;
  }

  async start(): Promise<void> {
    const listen = ["--listen", `127.0.0.1:${this.port}`, "--data-dir", this.dataDir];
    const environment = {
      USHER_ADMIN_USERNAME: ADMIN.username,
      USHER_ADMIN_PASSWORD: ADMIN.password,
      USHER_TARGET_ALLOW: "127.0.0.0/8",
      ...this.settings,
    };
    this.program = await Program.start([binary(), "serve", ...listen], environment, `${this.url}/readyz`, ({ ok }) => ok);
  }

  /** SIGTERM; anything but exit code 0 is an error. */
  async stop(): Promise<void> {
    const program = this.program;
    this.program = undefined;
    if (!program) return;
    const { code, signal } = await program.stop();
    if (code !== 0) throw new Error(`usher ended with ${signal ?? code} after SIGTERM:\n${program.log()}`);
  }

  async kill(): Promise<void> {
    await this.program?.kill();
    this.program = undefined;
  }

  log(): string {
    return this.program?.log() ?? "";
  }

  /** Stops it and removes its data, whatever state it is in. */
  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.dataDir, { recursive: true, force: true });
    }
  }

  /** A new API token, made by the command that an administrator would use. */
  async token(...scopes: Scope[]): Promise<string> {
    const scope = scopes.flatMap((scope) => ["--scope", scope]);
    const command = [binary(), "token", "create", "--name", `test ${scopes.join(" ")}`, ...scope];
    return (await run([...command, "--data-dir", this.dataDir], {})).trim();
  }

  /** Calls the server as a program would. */
  async call(token: string, method: string, path: string, body?: Json): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body) headers["content-type"] = path.startsWith("/scim2") ? "application/scim+json" : "application/json";
    return fetch(`${this.url}${path}`, { method, headers, body: body && JSON.stringify(body), redirect: "manual" });
  }

  /** The same, for a call that must succeed; its answer, or nothing when there is none. */
  async json(token: string, method: string, path: string, body?: Json): Promise<Json> {
    const response = await this.call(token, method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  /** Creates a user over SCIM. */
  async createUser(token: string, user: Json): Promise<Json> {
    return this.json(token, "POST", "/scim2/Users", { schemas: [SCIM_USER], ...user });
  }
}

function binary(): string {
  const path = process.env.USHER_BIN;
  if (!path) throw new Error("USHER_BIN is not set: run `cargo xtask test --only browser`");
  return path;
}
