import { expect, test, type Page } from '@playwright/test';
import { noComplaints, terminalText, type, waitForPrompt } from './support.ts';

/** The lesson as a newcomer takes it: reading, editing, clicking run, answering. */
test('the lesson Deployments, from the first step to the last', async ({ page }) => {
  test.setTimeout(300_000);
  const complaints = noComplaints(page);
  await page.goto('/learn/kubernetes-basics/deployments');
  await waitForPrompt(page);

  // Step 1: change the file in the editor. The criterion says what is missing, then ticks.
  const goals = page.locator('section[aria-labelledby="goals"]');
  await expect(goals).toContainText('asks for 1 replica(s), not 3');
  await page.locator('[data-region="editor"] .monaco-editor').first().waitFor();
  await page.locator('[data-region="editor"] .view-line', { hasText: 'replicas' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('3');
  await page.keyboard.press('Control+s');
  await goalsMet(page);

  await next(page);
  await run(page, 'kubectl apply -f web.yaml');
  await goalsMet(page);
  expect(await terminalText(page)).toContain('deployment.apps/web created');

  await next(page);
  await run(page, 'kubectl get deployments,replicasets,pods');
  await choose(page, 3);
  await expect(goals).toContainText('Look at the table again');
  await choose(page, 2);
  await goalsMet(page);

  await next(page);
  await run(page, 'kubectl delete $(kubectl get pods -o name | head -n 1)');
  await goalsMet(page);

  await next(page);
  await run(page, 'kubectl scale deployment web --replicas=5');
  await goalsMet(page);

  await next(page);
  await choose(page, 1);
  await run(page, 'kubectl apply -f web.yaml');
  await goalsMet(page);

  await next(page);
  await type(page, "sed -i 's/nginx:1.27/nginx:1.27-lates/' web.yaml");
  await run(page, 'kubectl apply -f web.yaml');
  await goalsMet(page);

  await next(page);
  await run(page, 'kubectl describe pods -l app=web | tail -n 12');
  await choose(page, 3);
  await goalsMet(page);

  await next(page);
  await type(page, "sed -i 's/image: .*/image: nginx:1.28/' web.yaml");
  await run(page, 'kubectl apply -f web.yaml');
  await goalsMet(page);

  await next(page);
  await run(page, 'kubectl delete deployment web');
  await goalsMet(page);
  await expect(page.locator('section.finish')).toContainText('A Deployment states what should be');
  expect(complaints).toEqual([]);
});

test('a reloaded tab goes on where it was', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create deployment web --image=nginx:1.27 --replicas=2');
  await type(page, 'kubectl rollout status deployment web', 'successfully rolled out');
  await type(page, 'echo kept > note.txt');
  const before = await type(page, 'kubectl get pods -o name');
  const names = [...before.matchAll(/pod\/(web-\w+-\w+)/g)].map((m) => m[1]!);
  expect(names).toHaveLength(2);
  await page.waitForTimeout(1500);
  await page.reload();
  await waitForPrompt(page);
  expect(await terminalText(page)).toContain('kubectl get pods -o name');
  const after = await type(page, 'clear; cat note.txt; kubectl get pods');
  expect(after).toContain('kept');
  for (const name of names) expect(after).toContain(name);
});

test('runaway input leaves the page alive', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  const terminal = page.locator('[data-region="terminal"] .xterm').first();
  await terminal.click();
  await page.keyboard.type('while true; do :; done\n');
  await page.waitForTimeout(700);
  await page.keyboard.press('Control+c');
  await waitForPrompt(page);
  await type(page, 'clear; yes | head -n 2', 'y\ny');
  await type(page, 'clear; :(){ :|:& };:');
  await page.waitForTimeout(500);
  await page.keyboard.press('Control+c');
  await page.keyboard.press('Enter');
  await expect.poll(async () => type(page, 'clear; echo still $((40+2))'), { timeout: 60_000 }).toContain('still 42');
});

async function run(page: Page, command: string): Promise<void> {
  const block = page.locator('[data-block="command"]', { hasText: command }).first();
  await block.getByRole('button', { name: 'Run' }).click();
  await page.waitForTimeout(200);
  await waitForPrompt(page);
}

async function choose(page: Page, choice: number): Promise<void> {
  await page
    .getByRole('radio')
    .nth(choice - 1)
    .check();
}

async function goalsMet(page: Page): Promise<void> {
  const goals = page.locator('section[aria-labelledby="goals"] > ul > li');
  await expect(goals.first()).toBeVisible();
  await expect(goals.and(page.locator(':not(.met)'))).toHaveCount(0, { timeout: 40_000 });
}

async function next(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
}
