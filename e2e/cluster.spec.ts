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
  await page
    .getByRole('treeitem', { name: /\bbox\b/ })
    .last()
    .click();
  await page.getByRole('button', { name: 'Open a shell in it' }).click();
  await expect.poll(() => terminalText(page)).toContain('/ #');
  await page.keyboard.type('hostname\n');
  await expect.poll(() => terminalText(page)).toMatch(/# hostname\s*\n\s*box/);
});

test('the browser pane opens a node port, and says what keeps it from a closed one', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create deployment web --image=nginx:1.27');
  await type(page, 'kubectl create service nodeport web --tcp=80 --node-port=30080', 'service/web created');
  await type(page, 'clear; kubectl rollout status deployment web', 'successfully rolled out');
  await page.getByRole('button', { name: 'Browser', exact: true }).click();
  const address = page.getByRole('textbox', { name: 'Address' });
  await address.fill('http://172.18.0.3:30080');
  await address.press('Enter');
  await expect(page.frameLocator('iframe[title="Page"]').getByRole('heading')).toHaveText('Welcome to nginx!');
  await address.fill('http://172.18.0.3:31111');
  await address.press('Enter');
  await expect(page.getByRole('alert')).toContainText(
    '172.18.0.3 refused the connection: nothing listens on port 31111.',
  );
});
