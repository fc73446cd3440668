import { recallJson, rememberJson } from '../ui/storage.ts';

export const panes = ['lesson', 'picture', 'editor', 'terminal'] as const;
export type PaneName = (typeof panes)[number];

export const isPane = (value: unknown): value is PaneName => panes.includes(value as PaneName);

/** Panes named in the address (`?panes=lesson,terminal`), or undefined if it names none. */
export function panesOfAddress(value: string | null): PaneName[] | undefined {
  const named = value?.split(',').filter(isPane);
  return named?.length ? named : undefined;
}

/**
 * Which panes are to be seen. On wide screens they stand side by side and each may be folded away; on narrow ones
 * exactly one is in front. The editor shares its place with the browser and the inspector.
 */
export class LayoutState {
  shown = $state<Record<PaneName, boolean>>({ lesson: true, picture: true, editor: true, terminal: true });
  side = $state<'editor' | 'inspector' | 'browser'>('editor');
  /** In front on a narrow screen. */
  front = $state<PaneName>('terminal');
  readonly #key: string;

  constructor(kind: 'lesson' | 'sandbox', named: readonly PaneName[] | undefined) {
    this.#key = `layout:${kind}`;
    const kept = named ?? recallJson(this.#key);
    const names = Array.isArray(kept) ? kept.filter(isPane) : [];
    if (names.length > 0) for (const pane of panes) this.shown[pane] = names.includes(pane);
    if (kind === 'sandbox') this.shown.lesson = false;
    this.front = named?.[0] ?? (kind === 'lesson' ? 'lesson' : 'terminal');
  }

  /** Makes sure a pane can be seen, whatever the screen. */
  reveal(pane: PaneName): void {
    this.front = pane;
    this.shown[pane] = true;
    if (pane === 'editor') this.side = 'editor';
    this.#keep();
  }

  /** Shows the selected object: beside the picture, or over it where there is no room. */
  inspect(): void {
    this.shown.editor = true;
    this.side = 'inspector';
  }

  /** Shows the browser, which shares the editor's place. */
  browse(): void {
    this.reveal('editor');
    this.side = 'browser';
  }

  /** Folds a pane away or brings it back; something always stays. */
  toggle(pane: PaneName): void {
    if (!this.shown[pane]) return this.reveal(pane);
    if (panes.some((other) => other !== pane && this.shown[other])) this.shown[pane] = false;
    this.#keep();
  }

  #keep(): void {
    rememberJson(
      this.#key,
      panes.filter((pane) => this.shown[pane]),
    );
  }
}
