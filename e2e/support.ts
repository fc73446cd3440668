import { expect, type Page } from '@playwright/test';

/** Text of the terminal that is shown. */
export async function terminalText(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent ?? '').join('\n'),
  );
}

/** Waits until the shell prompts on an otherwise empty last line. */
export async function waitForPrompt(page: Page): Promise<void> {
  await expect
    .poll(async () => (await terminalText(page)).trimEnd().split('\n').at(-1) ?? '', { timeout: 30_000 })
    .toMatch(/[$#]\s*$/);
}

/** Types a command line and waits for what it prints, if that is given, and the next prompt. @returns what is shown then */
export async function type(page: Page, line: string, printed?: string | RegExp): Promise<string> {
  await page.locator('[data-region="terminal"] .xterm').first().click();
  await page.keyboard.type(`${line}\n`);
  if (printed === undefined) await page.waitForTimeout(150);
  else
    await expect
      .poll(() => terminalText(page))
      .toMatch(printed instanceof RegExp ? printed : new RegExp(escape(printed)));
  await waitForPrompt(page);
  return terminalText(page);
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Fails the test on anything the page complains about. */
export function noComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}
