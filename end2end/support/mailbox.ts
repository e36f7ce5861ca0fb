// A real mail server for Usher to send through: what came is read here.
import { expect } from "@playwright/test";
import { join } from "node:path";
import { Program, freePort } from "./program";
import { peers } from "./target";

export type Mail = {
  /** Of the envelope, as its recipients. */
  sender: string;
  recipients: string[];
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
};

export class Mailbox {
  private program: Program | undefined;

  private constructor(
    private readonly smtpPort: number,
    private readonly httpPort: number,
  ) {}

  static async create(): Promise<Mailbox> {
    const mailbox = new Mailbox(await freePort(), await freePort());
    await mailbox.start();
    return mailbox;
  }

  /** For USHER_SMTP_URL. */
  get url(): string {
    return `smtp://127.0.0.1:${this.smtpPort}`;
  }

  /** Starts it on the same ports. It forgets everything at each stop. */
  async start(): Promise<void> {
    const program = join(import.meta.dirname, "../peers/mailbox.py");
    const command = [join(peers(), "venv/bin/python"), program, `${this.smtpPort}`, `${this.httpPort}`];
    this.program = await Program.start(command, {}, this.window("/mails"), ({ ok }) => ok);
  }

  async stop(): Promise<void> {
    await this.program?.stop();
    this.program = undefined;
  }

  /** Every mail is answered with this line, such as "550 5.1.1 No such mailbox". */
  async refuse(line: string): Promise<void> {
    await fetch(this.window("/refusal"), { method: "PUT", body: line });
  }

  /** Mails are taken again. */
  async accept(): Promise<void> {
    await fetch(this.window("/refusal"), { method: "DELETE" });
  }

  /** Those to somebody, oldest first. */
  async mailsTo(address: string): Promise<Mail[]> {
    const mails = (await (await fetch(this.window("/mails"))).json()) as Mail[];
    return mails.filter(({ recipients }) => recipients.includes(address));
  }

  /** The newest of so many to somebody, once they are there. */
  async mailTo(address: string, count = 1): Promise<Mail> {
    await expect.poll(async () => (await this.mailsTo(address)).length, `mails to ${address}`).toBe(count);
    return (await this.mailsTo(address))[count - 1];
  }

  private window(path: string): string {
    return `http://127.0.0.1:${this.httpPort}${path}`;
  }
}

/** Where the link of a mail leads, which begins like this; the button and the text must lead to the same place. */
export function linkIn(mail: Mail, path: string): string {
  const link = new RegExp(`http://\\S+${path}[\\w-]*`).exec(mail.text)?.[0];
  if (!link) throw new Error(`no link to ${path} in:\n${mail.text}`);
  expect(mail.html).toContain(`href="${link}"`);
  return link;
}
