// Programs that a test starts: each on a free port, and each ended by its process id, whatever becomes of the test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const LEASH = "/usr/bin/setpriv";
const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 20_000;
const KEPT_OUTPUT = 64 * 1024;

export type Ending = { code: number | null; signal: NodeJS.Signals | null };

export class Program {
  private output = "";

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    private readonly ended: Promise<Ending>,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => (this.output = (this.output + chunk).slice(-KEPT_OUTPUT)));
    }
  }

  /** Starts it, and waits until `url` answers as `ready` wants it. */
  static async start(
    command: string[],
    environment: Record<string, string>,
    url: string,
    ready: (response: Response) => boolean,
  ): Promise<Program> {
    // Killed with us, when we are killed: the kernel remembers what we no longer can.
    const leashed = existsSync(LEASH) ? [LEASH, "--pdeathsig", "KILL", ...command] : command;
    const child = spawn(leashed[0], leashed.slice(1), {
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<Ending>((resolve, reject) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", reject);
    });
    ended.catch(() => undefined);
    const program = new Program(command[0], child, ended);
    try {
      await program.answers(url, ready);
    } catch (error) {
      await program.kill();
      throw error;
    }
    return program;
  }

  /** What it has written, its last 64 kB. */
  log(): string {
    return this.output;
  }

  running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Asks it to stop, and waits. One that does not stop is killed, which its ending shows. */
  async stop(): Promise<Ending> {
    if (this.running()) this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), STOPS_WITHIN_MS);
    try {
      return await this.ended;
    } finally {
      clearTimeout(late);
    }
  }

  /** `kill -9`: it learns nothing of it. */
  async kill(): Promise<void> {
    if (this.running()) this.child.kill("SIGKILL");
    await this.ended.catch(() => undefined);
  }

  /** Still there, still listening, and answering nothing. */
  freeze(): void {
    this.child.kill("SIGSTOP");
  }

  thaw(): void {
    this.child.kill("SIGCONT");
  }

  private async answers(url: string, ready: (response: Response) => boolean): Promise<void> {
    const deadline = Date.now() + STARTS_WITHIN_MS;
    while (Date.now() < deadline) {
      if (!this.running()) {
        const { code, signal } = await this.ended;
        throw new Error(`${this.name} ended at its start (${signal ?? code}):\n${this.output}`);
      }
      try {
        if (ready(await fetch(url, { signal: AbortSignal.timeout(2_000) }))) return;
      } catch {
        // Not listening yet.
      }
      await wait(30);
    }
    throw new Error(`${this.name} does not answer at ${url}:\n${this.output}`);
  }
}

/** Runs a program to its end; an exit code other than 0 is an error that holds what it said. */
export async function run(command: string[], environment: Record<string, string>, input = ""): Promise<string> {
  const child = spawn(command[0], command.slice(1), {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  // One that reads nothing may have ended already; its exit code says more than the broken pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${err}${out}`);
  return out;
}

/** A port that nothing listens on. Another program may take it first; then the start fails and says so. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
