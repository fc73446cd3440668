/** Finds a Chromium for the tests, and installs one where there is none. */
import { execFileSync, execSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';

/** Flags with which it runs headless as root on a machine without a GPU or a way to the internet. */
export const launchFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function onPath(name) {
  for (const dir of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

function find() {
  if (process.env.CHROMIUM_PATH && existsSync(process.env.CHROMIUM_PATH)) return process.env.CHROMIUM_PATH;
  const own = chromium.executablePath();
  if (own && existsSync(own)) return own;
  return ['chromium', 'chromium-browser', 'google-chrome'].map(onPath).find(Boolean);
}

/** Path of a Chromium. Installs Playwright's, or Debian's, when none is there. */
export function browserPath() {
  const found = find();
  if (found) return found;
  const attempts = [
    () =>
      execFileSync('npx', ['playwright', 'install', '--with-deps', 'chromium'], { stdio: 'ignore', timeout: 300_000 }),
    () => execSync('apt-get update && apt-get install -y chromium', { stdio: 'ignore', timeout: 600_000 }),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      continue;
    }
    const installed = find();
    if (installed) return installed;
  }
  throw new Error('no Chromium found, and none could be installed: set CHROMIUM_PATH');
}

if (process.argv[1]?.endsWith('browser.mjs')) console.log(browserPath());
