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

/** Types a command line and waits for the next prompt. @returns what the terminal shows then */
export async function type(page: Page, line: string): Promise<string> {
  await page.locator('[data-region="terminal"] .xterm').first().click();
  await page.keyboard.type(`${line}\n`);
  await page.waitForTimeout(150);
  await waitForPrompt(page);
  return terminalText(page);
}

/** Fails the test on anything the page complains about. */
export function noComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}
