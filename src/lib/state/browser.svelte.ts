import type { BrowsedPage, Input } from '../../session/protocol.ts';

/** The browser on the learner's own computer: one page, and the way back. */
export class BrowserState {
  /** What stands in the address bar. */
  address = $state('');
  page = $state.raw<BrowsedPage | undefined>();
  loading = $state(false);
  #history: string[] = [];
  readonly #send: (input: Input) => void;

  constructor(send: (input: Input) => void) {
    this.#send = send;
  }

  get canGoBack(): boolean {
    return this.#history.length > 1;
  }

  open(url: string, { insecure = false }: { insecure?: boolean } = {}): void {
    const wanted = url.trim();
    if (!wanted) return;
    this.address = wanted;
    this.loading = true;
    if (this.#history.at(-1) !== wanted) this.#history = [...this.#history, wanted];
    this.#send({ kind: 'browse', url: wanted, ...(insecure ? { insecure } : {}) });
  }

  /** A link of the page that is shown. */
  follow(href: string): void {
    this.open(new URL(href, this.page?.url).href);
  }

  reload(): void {
    this.open(this.address);
  }

  back(): void {
    this.#history = this.#history.slice(0, -1);
    const previous = this.#history.at(-1);
    if (previous !== undefined) this.open(previous);
  }

  show(page: BrowsedPage): void {
    this.page = page;
    this.address = page.url;
    this.loading = false;
  }

  /** The world begins anew. */
  reset(): void {
    this.page = undefined;
    this.loading = false;
  }
}
