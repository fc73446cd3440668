import type { Process } from '../../process/index.ts';
import { parentPath } from '../../world/index.ts';
import type { Package } from './catalogue.ts';

/** Whether packages can be fetched: there is an interface besides loopback. */
export function isOnline(process: Process): boolean {
  return [...process.machine.net.interfaces.keys()].some((name) => name !== 'lo');
}

/** A database of installed packages: blocks of text with a blank line between them. */
export class PackageDatabase {
  readonly #process: Process;
  readonly #path: string;
  readonly #nameField: RegExp;

  constructor(process: Process, path: string, nameField: RegExp) {
    this.#process = process;
    this.#path = path;
    this.#nameField = nameField;
  }

  blocks(): string[] {
    const { fs } = this.#process.machine;
    return fs.exists(this.#path) ? fs.readText(this.#path).split('\n\n').filter((block) => block.trim() !== '') : [];
  } // prettier-ignore

  names(): string[] {
    return this.blocks().map((block) => this.#nameField.exec(block)?.[1] ?? '');
  }

  has(name: string): boolean {
    return this.names().includes(name);
  }

  add(block: string): void {
    this.#write([...this.blocks(), block.trimEnd()]);
  }

  remove(name: string): string | undefined {
    const blocks = this.blocks();
    const found = blocks.find((block) => this.#nameField.exec(block)?.[1] === name);
    if (found !== undefined) this.#write(blocks.filter((block) => block !== found));
    return found;
  }

  #write(blocks: readonly string[]): void {
    const { fs } = this.#process.machine;
    const folder = parentPath(this.#path);
    if (!fs.exists(folder)) fs.mkdir(folder, { recursive: true });
    fs.writeFile(this.#path, blocks.map((block) => `${block}\n\n`).join(''));
  }
}

/** Puts a package's commands where they belong. Those that nothing here can run say so when they are run. */
export function placeCommands(process: Process, { commands }: Package): void {
  const { fs, programs } = process.machine;
  for (const item of commands) {
    const [path = '', named] = item.split('=');
    const name = named ?? path.slice(path.lastIndexOf('/') + 1);
    if (!fs.exists(parentPath(path))) fs.mkdir(parentPath(path), { recursive: true });
    if (programs.has(name)) fs.writeFile(path, `\x7fELF\x02\x01\x01\0${name}\0`, { mode: 0o755, program: name });
    else fs.writeFile(path, `#!/bin/sh\necho "slipway: ${name} is not simulated" >&2\nexit 1\n`, { mode: 0o755 });
  }
}

export function removeCommands(process: Process, { commands }: Package): void {
  const { fs } = process.machine;
  for (const item of commands) {
    const path = item.split('=')[0]!;
    if (fs.exists(path)) fs.remove(path);
  }
}
