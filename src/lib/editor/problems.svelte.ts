import type { OpenFile } from '../state/files.svelte.ts';
import { isManifest, languageOf } from './language.ts';
import { m } from '$lib/i18n.ts';
import { crossCheck, type Finding } from '../../topology/cross-check.ts';
import type { TopologyObject } from '../../topology/objects.ts';
import type { AskServer, Problem } from './yaml/check.ts';
import { rangeOf, type DocumentPositions } from './yaml/positions.ts';

/** Real ms of rest after which a text is checked. */
const delay = 350;

/** What is wrong with the file in front, kept up to date while it is edited. */
export class Problems {
  /** What the API server says, and what does not fit the cluster as it is now. */
  readonly list = $derived.by<readonly Problem[]>(() => [...this.#refused, ...this.#misfits()]);
  #refused = $state.raw<readonly Problem[]>([]);
  #parsed = $state.raw<{ values: readonly unknown[]; positions: readonly DocumentPositions[] } | undefined>();
  readonly #ask: AskServer;
  readonly #objects: (resource: string) => readonly TopologyObject[];
  readonly #exists: (host: string, path: string) => Promise<boolean>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(
    ask: AskServer,
    objects: (resource: string) => readonly TopologyObject[],
    exists: (host: string, path: string) => Promise<boolean>,
  ) {
    this.#ask = ask;
    this.#objects = objects;
    this.#exists = exists;
  }

  #misfits(): Problem[] {
    const parsed = this.#parsed;
    if (!parsed) return [];
    return crossCheck(parsed.values, this.#objects).map((finding) => ({
      ...rangeOf(parsed.positions[finding.document]!, finding.path),
      message: words(finding),
      severity: 'warning',
    }));
  }

  /** Checks this text once it has rested; an earlier check that isn't finished is forgotten. */
  watch(file: OpenFile | undefined): void {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const text = file?.text ?? '';
    if (file && languageOf(file.path) === 'dockerfile') {
      this.#parsed = undefined;
      this.#timer = setTimeout(() => void this.#checkDockerfile(file, text, turn), delay);
      return;
    }
    if (!file || !isManifest(file.path, text)) {
      this.#refused = [];
      this.#parsed = undefined;
      return;
    }
    this.#timer = setTimeout(() => void this.#check(text, turn), delay);
  }

  /** The directory of a Dockerfile is taken for the build context. */
  async #checkDockerfile(file: OpenFile, text: string, turn: number): Promise<void> {
    try {
      const { checkDockerfile } = await import('./dockerfile/check.ts');
      const context = file.path.slice(0, file.path.lastIndexOf('/'));
      const found = await checkDockerfile(
        text,
        async (source) => !(await this.#exists(file.host, `${context}/${source.replace(/^(\.?\/)+|\/+$/g, '')}`)),
        (source) => m.dockerfile_missing_source({ source }),
      );
      if (turn === this.#turn) this.#refused = found;
    } catch {
      if (turn === this.#turn) this.#refused = [];
    }
  }

  async #check(text: string, turn: number): Promise<void> {
    try {
      const { checkManifest, parseManifest } = await import('./yaml/check.ts');
      const found = await checkManifest(text, this.#ask);
      if (turn !== this.#turn) return;
      this.#refused = found;
      this.#parsed = parseManifest(text);
    } catch {
      // The engine stopped, which is told elsewhere; what was found before may be wrong by now.
      if (turn === this.#turn) this.#refused = [];
    }
  }
}

function words({ code, params }: Finding): string {
  const message = m[`cross_${code}`] as unknown as (params: Record<string, string>) => string;
  return message(params);
}

/** Line and column of an offset, from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
