import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { noComplaints, waitForPrompt } from './support.ts';

const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
  { width: 360, height: 740 },
];

for (const size of sizes)
  for (const [language, prefix] of [
    ['en', ''],
    ['zh-CN', '/zh-CN'],
  ] as const)
    for (const theme of ['light', 'dark'])
      test(`lesson at ${size.width}×${size.height}, ${language}, ${theme}`, async ({ page }) => {
        const complaints = noComplaints(page);
        await page.setViewportSize(size);
        await page.goto(`${prefix}/learn/kubernetes-basics/deployments?theme=${theme}`);
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await expect(page.locator('article h2')).toBeVisible();
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBeLessThanOrEqual(0);
        if (size.width >= 1024) await waitForPrompt(page);
        if (size.width === 1440 || size.width === 390) {
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        }
        expect(complaints).toEqual([]);
      });

test('the front page leads to the lesson and the sandbox', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole('link', { name: 'Deployments' }).first().click();
  await expect(page).toHaveURL(/\/learn\/kubernetes-basics\/deployments/);
});
