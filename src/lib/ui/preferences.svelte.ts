import { browser } from '$app/environment';
import { recall, remember } from './storage.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

const isTheme = (value: unknown): value is 'light' | 'dark' => value === 'light' || value === 'dark';

/** Light or dark: by the system, or as chosen; the template's script has applied it before anything was painted. */
class ThemeState {
  choice = $state<ThemeChoice>('system');
  #systemDark = $state(false);

  constructor() {
    if (!browser) return;
    const chosen = document.documentElement.dataset.theme ?? recall('theme');
    if (isTheme(chosen)) this.choice = chosen;
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = query.matches;
    query.addEventListener('change', () => (this.#systemDark = query.matches));
  }

  get dark(): boolean {
    return this.choice === 'system' ? this.#systemDark : this.choice === 'dark';
  }

  /** The other of the two; going back to what the system has follows the system again. */
  toggle(): void {
    const dark = !this.dark;
    this.choose(dark === this.#systemDark ? 'system' : dark ? 'dark' : 'light');
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    remember('theme', choice);
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }
}

export const theme = new ThemeState();
