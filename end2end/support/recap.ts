// What did not pass the first time, written to USHER_RECAP: a long list has scrolled it away by the end of the run.
import { appendFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

const COLOURS = /\u001b\[[0-9;]*m/g;

export default class Recap implements Reporter {
  private readonly file = process.env.USHER_RECAP;

  onBegin(): void {
    if (this.file) writeFileSync(this.file, "");
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (!this.file || result.status === "passed" || result.status === "skipped") return;
    const title = test.titlePath().filter(Boolean).join(" › ");
    const message = (result.error?.message ?? result.status).replaceAll(COLOURS, "");
    const attempt = result.retry === 0 ? "" : ", tried again";
    appendFileSync(this.file, `${title} (${result.status}${attempt})\n${indented(message)}\n`);
  }
}

function indented(text: string): string {
  return text.split("\n").slice(0, 16).map((line) => `    ${line}`).join("\n");
}
