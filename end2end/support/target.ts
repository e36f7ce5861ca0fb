// Real SCIM services for Usher to provision to.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, freePort } from "./program";
import type { Json } from "./usher";

const MOST = 200;

export class Target {
  private program: Program | undefined;

  private constructor(
    readonly name: string,
    /** The SCIM base address. */
    readonly base: string,
    readonly token: string,
    private readonly command: string[],
  ) {}

  get userEndpoint(): string {
    return `${this.base}/Users`;
  }

  get groupEndpoint(): string {
    return `${this.base}/Groups`;
  }

  /** The complete one: `scim2-server`, in Python. Its users may have the attributes of one more schema. */
  static async scim2Server(extension?: Json): Promise<Target> {
    const port = await freePort();
    const token = "token-of-scim2-server";
    const program = join(peers(), "venv/bin/scim2-server");
    const more = extension ? await extended(extension) : [];
    const command = [program, "--port", `${port}`, "--bearer-token", token, ...more];
    return Target.at("scim2-server", port, "/v2", token, command);
  }

  /** The different one: SCIMMY, in Node. */
  static async scimmy(): Promise<Target> {
    const port = await freePort();
    const token = "token-of-scimmy";
    const program = join(import.meta.dirname, "../peers/scimmy.mjs");
    return Target.at("scimmy", port, "/scim", token, [process.execPath, program, `${port}`, token]);
  }

  private static async at(name: string, port: number, path: string, token: string, command: string[]): Promise<Target> {
    const target = new Target(name, `http://127.0.0.1:${port}${path}`, token, command);
    await target.start();
    return target;
  }

  /** Starts it on the same port. It forgets everything at each stop. */
  async start(): Promise<void> {
    const listening = (response: Response) => response.status < 500;
    this.program = await Program.start(this.command, {}, this.userEndpoint, listening);
  }

  async stop(): Promise<void> {
    await this.program?.stop();
    this.program = undefined;
  }

  /** What it has written since it was started: its requests, if it tells of them. */
  log(): string {
    return this.program?.log() ?? "";
  }

  /** Every new account is refused, with these words. SCIMMY alone can. */
  async refuse(why: string): Promise<void> {
    await this.order("PUT", why);
  }

  /** New accounts are taken again. */
  async accept(): Promise<void> {
    await this.order("DELETE");
  }

  private async order(method: string, body?: string): Promise<void> {
    const headers = { "content-type": "text/plain" };
    const response = await fetch(new URL("/refusal", this.base), { method, headers, body });
    if (!response.ok) throw new Error(`${this.name} takes no orders: ${response.status}`);
  }

  /** Takes connections and answers none. */
  freeze(): void {
    this.program?.freeze();
  }

  thaw(): void {
    this.program?.thaw();
  }

  async dispose(): Promise<void> {
    this.thaw();
    await this.stop();
  }

  /** The users that are there, as this service tells it. */
  async accounts(): Promise<Json[]> {
    return this.list(this.userEndpoint);
  }

  async account(userName: string): Promise<Json | undefined> {
    return (await this.accounts()).find((account) => account.userName === userName);
  }

  async groups(): Promise<Json[]> {
    return this.list(this.groupEndpoint);
  }

  private async list(endpoint: string): Promise<Json[]> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${endpoint}?count=${MOST}`, { headers });
    if (!response.ok) throw new Error(`${this.name} answered ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as Json;
    if (page.totalResults > MOST) throw new Error(`${this.name} has more than ${MOST} resources: page through them`);
    return page.Resources ?? [];
  }
}

/** The schemas and resource types that scim2-server has by itself, and one more schema for users, as it reads them. */
async function extended(extension: Json): Promise<string[]> {
  const plain = await Target.scim2Server();
  const headers = { authorization: `Bearer ${plain.token}` };
  const told = async (path: string): Promise<Json[]> =>
    ((await (await fetch(`${plain.base}${path}`, { headers })).json()) as Json).Resources;
  const [schemas, types] = [await told("/Schemas"), await told("/ResourceTypes")];
  await plain.dispose();
  types.find(({ id }) => id === "User")?.schemaExtensions.push({ schema: extension.id, required: false });
  const folder = await mkdtemp(join(tmpdir(), "scim2-server-"));
  const [schemaFile, typeFile] = [join(folder, "schemas.json"), join(folder, "types.json")];
  await writeFile(schemaFile, JSON.stringify([...schemas, extension]));
  await writeFile(typeFile, JSON.stringify(types));
  return ["--schema", schemaFile, "--resource-type", typeFile];
}

/** Where the programs are that tests run against. */
export function peers(): string {
  const folder = process.env.USHER_PEERS;
  if (!folder) throw new Error("USHER_PEERS is not set: run `cargo xtask test --only browser`");
  return folder;
}
