// The same image of the same page: what differs from run to run is replaced by something of its kind.
import type { Page } from "@playwright/test";

/** Waits until a page is alive, which those outside the console never are, and has stopped moving; replaces what differs. */
export async function still(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.locator("html[data-hydrated], main.bare, div.personal").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".loading, [aria-busy=true]") === null);
  await replaceWhatDiffers(page);
}

/** Times, ports, ids and secrets. */
export async function replaceWhatDiffers(page: Page): Promise<void> {
  await page.evaluate(() => {
    const replace = (text: string) =>
      text
        .replace(/\b127\.0\.0\.1:\d+/g, "127.0.0.1:8090")
        .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "019a4c5e-2b7d-7c31-9f04-6a1be0d2c8f7")
        .replace(/\busher_[\w-]{20,}/g, "usher_2Yk0rPzq7mXw4sVbN1cTgJhL8eDaFuKi")
        .replace(/(\/set-password\/|\/register\/verify\/)[\w-]+/g, "$1Zt5vQ9aXk2LmWc7RbNf0JsHyUe3DpGo8")
        .replace(/\b\d+(\.\d+)? ms\b/g, "12 ms")
        .replace(/\b\d+\.\d+ s\b/g, "1.4 s")
        .replace(/\b\d\d:\d\d(:\d\d)? UTC\b/g, "09:00 UTC")
        .replace(/\b20\d\d-\d\d-\d\d\b/g, "2026-03-12")
        .replace(/\b(\d+|an?) (second|minute|hour)s? ago\b/g, "2 minutes ago");
    for (const time of document.querySelectorAll("time")) {
      if (time.textContent?.match(/\d/)) time.textContent = "12 Mar 2026, 09:00";
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const value = replace(text.nodeValue ?? "");
      if (value !== text.nodeValue) text.nodeValue = value;
    }
    for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")) {
      field.placeholder = replace(field.placeholder);
      if (field.type !== "password" && field.type !== "hidden") field.value = replace(field.value);
    }
  });
}
