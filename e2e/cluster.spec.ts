import { expect, test } from '@playwright/test';
import { noComplaints, terminalText, type, waitForPrompt } from './support.ts';

test('the editor warns of a selector that matches nothing, until Pods have it', async ({ page }) => {
  const complaints = noComplaints(page);
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create deployment web --image=nginx:1.27');
  await type(page, 'kubectl create service clusterip shop --tcp=80 --dry-run=client -o yaml > shop.yaml; clear');
  await page.locator('[data-region="terminal"] .xterm').first().click();
  await page.keyboard.type('vi shop.yaml\n');
  const problems = page.getByRole('list', { name: 'Problems' });
  await expect(problems).toContainText('No Pod here has the labels app=shop. There are: app=web');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await type(page, 'kubectl label pods --all app=shop --overwrite', 'labeled');
  await expect(problems).toBeHidden();
  expect(complaints).toEqual([]);
});

test('a shell opens in a Pod from the inspector', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl run box --image=busybox:1.36 -- sleep infinity');
  await type(page, 'kubectl wait --for=condition=Ready pod/box', 'condition met');
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.getByRole('button', { name: /\bbox\b/ }).click();
  await page.getByRole('button', { name: 'Open a shell in it' }).click();
  await expect.poll(() => terminalText(page)).toContain('/ #');
  await page.keyboard.type('hostname\n');
  await expect.poll(() => terminalText(page)).toMatch(/# hostname\s*\n\s*box/);
});
