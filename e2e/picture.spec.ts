import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { noComplaints, terminalText, type, waitForPrompt } from './support.ts';

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

for (const [language, prefix, list] of [
  ['en', '', 'List'],
  ['zh-CN', '/zh-CN', '列表'],
] as const)
  for (const theme of ['light', 'dark'])
    test(`axe finds nothing on the front page and in the sandbox, ${language}, ${theme}`, async ({ page }) => {
      const complaints = noComplaints(page);
      await page.goto(`${prefix || '/'}?theme=${theme}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await findings(page)).toEqual([]);
      await page.goto(`${prefix}/sandbox?theme=${theme}`);
      await waitForPrompt(page);
      await expect(page.locator('[data-region="picture"] canvas').first()).toBeVisible();
      expect(await findings(page)).toEqual([]);
      await page.getByRole('button', { name: list, exact: true }).click();
      await expect(page.getByRole('tree')).toBeVisible();
      expect(await findings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });

test('the tree is read and walked by keyboard, and changes are told', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await page.getByRole('button', { name: 'List', exact: true }).click();
  const nodes = page.getByRole('treeitem', { name: /^nodes/ });
  await nodes.focus();
  await expect(nodes).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  const focused = page.locator(':focus');
  await expect(focused).toHaveAttribute('aria-level', '2');
  await expect(focused).toContainText('kind-control-plane');
  await page.keyboard.press('Enter');
  await expect(focused).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(nodes).toHaveAttribute('aria-expanded', 'false');
  await type(page, 'kubectl create deployment web --image=nginx:1.27');
  await expect(page.locator('[data-announcer]')).toContainText('web');
});

test('the picture is saved as SVG, and its view is remembered', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create deployment web --image=nginx:1.27');
  await type(page, 'kubectl expose deployment web --port=80', 'exposed');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the picture as SVG' }).click(),
  ]);
  const stream = await download.createReadStream();
  let svg = '';
  for await (const chunk of stream) svg += String(chunk);
  expect(svg).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
  expect(svg).toContain('>web</text>');
  expect(svg).toContain('kind-worker');
  const by = page.getByRole('combobox', { name: 'Show by' });
  await by.selectOption('control-plane');
  await page.reload();
  await waitForPrompt(page);
  await expect(by).toHaveValue('control-plane');
  expect(await terminalText(page)).toContain('exposed');
});
