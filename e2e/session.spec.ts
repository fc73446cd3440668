import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import type { SavedSession } from '../src/session/protocol.ts';
import { terminalText, type, waitForPrompt } from './support.ts';

test('a session replayed in Node is the one in the browser', async ({ page }, info) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create deployment web --image=nginx:1.27 --replicas=3');
  await type(page, 'kubectl rollout status deployment web', 'successfully rolled out');
  await type(page, 'for i in 1 2 3; do echo $i $RANDOM; sleep 0.2; done | tee numbers.txt');
  await type(page, 'kubectl get pods -o wide; kubectl delete pod --all --wait=false');
  // Inputs are kept at once, the hash of the state with the next whole save.
  const saved = await keptSession(
    page,
    (session) => typed(session).includes('delete pod --all --wait=false\r') && session.end.hash !== undefined,
  );
  const file = info.outputPath('session.json');
  writeFileSync(file, JSON.stringify(saved));
  const replayed = JSON.parse(
    execFileSync(process.execPath, ['scripts/headless.mjs', 'replay', file], { encoding: 'utf8' }),
  ) as { hash: string; terminals: Record<string, string> };
  expect(replayed.hash).toBe(saved.end.hash);
  expect(replayed.terminals.t1).toContain('successfully rolled out');
});

test("another build's session is carried over", async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create namespace shop');
  await type(page, 'kubectl create deployment web --image=nginx:1.27 --replicas=2 -n shop');
  await type(page, 'echo kept > note.txt');
  await keptSession(page, (session) => JSON.stringify(session.fallback?.files).includes('kept'));
  await page.goto('/');
  await changeKept(page, (session) => ({
    ...session,
    build: 'another-build',
    inputs: session.inputs.map((input) => ({ ...input, step: input.step + 1 })),
  }));
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await expect(page.getByRole('status').filter({ hasText: 'carried over into a fresh world' })).toBeVisible();
  await type(page, 'clear; echo more >> note.txt; cat note.txt', 'kept\nmore');
  await type(page, 'clear; kubectl -n shop rollout status deployment web', 'successfully rolled out');
  const pods = await type(page, 'clear; kubectl -n shop get pods', 'NAME');
  expect(pods.match(/web-\S+ +1\/1 +Running/g)).toHaveLength(2);
});

test('a damaged session leaves a fresh world', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'echo kept > note.txt');
  await keptSession(page, (session) => JSON.stringify(session.fallback?.files).includes('kept'));
  await page.goto('/');
  await changeKept(page, ({ fallback: _, ...session }) => ({
    ...session,
    inputs: [{ t: 5, step: 3, input: { kind: 'power', host: 'no-such-host', on: true } }],
  }));
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await expect(page.getByRole('status').filter({ hasText: 'could not be restored' })).toBeVisible();
  await type(page, 'echo $((6*7))', '42');
});

test('vi, nano and kubectl edit open the editor pane', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await enter(page, 'nano hello.txt; echo done $?');
  const editor = page.locator('[data-region="editor"]');
  await expect(editor).toContainText('hello.txt');
  await writeInEditor(page, 'from the editor');
  await expect.poll(() => terminalText(page)).toContain('done 0');
  await type(page, 'clear; cat hello.txt', 'from the editor');

  await type(page, 'clear; kubectl create configmap colours --from-literal=tone=blue');
  await enter(page, 'kubectl edit configmap colours');
  await expect(editor).toContainText('tone: blue');
  await editor.locator('.view-line', { hasText: 'tone: blue' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type('ish');
  await page.keyboard.press('Control+s');
  await expect.poll(() => terminalText(page)).toContain('configmap/colours edited');
  await type(page, 'clear; kubectl get configmap colours -o jsonpath={.data.tone}', 'blueish');

  await enter(page, 'clear; kubectl edit configmap colours');
  await expect(editor).toContainText('tone: blueish');
  await editor.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => terminalText(page)).toContain('Edit cancelled, no changes made.');
});

test('time goes back and forward again', async ({ page }) => {
  await page.goto('/sandbox');
  await waitForPrompt(page);
  await type(page, 'kubectl create deployment web --image=nginx:no-such-tag');
  const bar = page.locator('section[aria-label="Time"]');
  await expect(bar.locator('.marks i.warning').first()).toBeAttached();
  await expect(bar.getByRole('status')).toContainText('Failed: Pod web-');
  await page.waitForTimeout(1000);

  const slider = bar.getByRole('slider');
  await expect(slider).toBeEnabled();
  const furthest = Number(await slider.getAttribute('max'));
  await travel(page, 0);
  await expect.poll(() => terminalText(page)).not.toContain('create deployment');
  await expect(bar.locator('.marks i.warning').first()).toBeAttached();
  expect(Number(await slider.getAttribute('max'))).toBeGreaterThanOrEqual(furthest);

  await travel(page, furthest);
  await expect.poll(() => terminalText(page)).toContain('deployment.apps/web created');
  await type(page, 'clear; kubectl get deployments', 'web');

  await travel(page, 0);
  await expect.poll(() => terminalText(page)).not.toContain('create deployment');
  await type(page, 'kubectl get deployments', 'No resources found');
  expect(Number(await slider.getAttribute('max'))).toBeLessThan(furthest);
});

const typed = ({ inputs }: SavedSession) =>
  inputs.map(({ input }) => (input.kind === 'keys' ? input.data : '')).join('');

async function travel(page: Page, t: number): Promise<void> {
  const slider = page.locator('section[aria-label="Time"]').getByRole('slider');
  await slider.evaluate((element: HTMLInputElement, value) => {
    element.value = String(value);
    element.dispatchEvent(new Event('change', { bubbles: true }));
  }, t);
}

/** Types a command line without waiting for it to end. */
async function enter(page: Page, line: string): Promise<void> {
  await page.locator('[data-region="terminal"] .xterm').first().click();
  await page.keyboard.type(`${line}\n`);
}

async function writeInEditor(page: Page, text: string): Promise<void> {
  await page.locator('[data-region="editor"] .monaco-editor').first().click();
  await page.keyboard.type(text);
  await page.keyboard.press('Control+s');
}

/** The session as the page keeps it, once it is as wanted. */
async function keptSession(page: Page, wanted: (session: SavedSession) => boolean): Promise<SavedSession> {
  let session: SavedSession | undefined;
  await expect
    .poll(async () => {
      session = (await kept(page))[1];
      return session !== undefined && wanted(session);
    })
    .toBe(true);
  return session!;
}

async function kept(page: Page): Promise<[string, SavedSession | undefined]> {
  return page.evaluate(
    () =>
      new Promise<[string, SavedSession | undefined]>((resolve) => {
        const open = indexedDB.open('slipway');
        open.onsuccess = () => {
          const cursor = open.result.transaction('sessions').objectStore('sessions').openCursor();
          cursor.onsuccess = () => {
            open.result.close();
            resolve([String(cursor.result?.key), cursor.result?.value as SavedSession | undefined]);
          };
        };
      }),
  );
}

async function changeKept(page: Page, change: (session: SavedSession) => unknown): Promise<void> {
  const [key, session] = await kept(page);
  await page.evaluate(
    ([key, value]) =>
      new Promise<void>((resolve) => {
        const open = indexedDB.open('slipway');
        open.onsuccess = () => {
          const transaction = open.result.transaction('sessions', 'readwrite');
          transaction.objectStore('sessions').put(value, key);
          transaction.oncomplete = () => {
            open.result.close();
            resolve();
          };
        };
      }),
    [key, change(session!)] as const,
  );
}
