import type { Redirect, Redirection } from 'unbash';
import { Descriptor, openInput, openOutput } from '../process/index.ts';
import { FsError, readerOf } from '../world/index.ts';
import { ShellError } from './errors.ts';
import { expandHereDoc, expandString, expandWords } from './expand.ts';
import type { Shell } from './shell.ts';

/** Redirections in force for one command; `restore` puts back what was there. */
export class Redirections {
  readonly #shell: Shell;
  readonly #saved = new Map<number, Descriptor | undefined>();

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** @throws ShellError; redirections before the failing one are in force and want `restore`. */
  async apply(redirects: readonly Redirection[]): Promise<void> {
    for (const redirect of redirects) await this.#applyOne(redirect);
  }

  async #applyOne(node: Redirection): Promise<void> {
    const shell = this.#shell;
    if (node.type === 'HereDoc') {
      const stripTabs = node.operator === '<<-';
      const text = node.delimiter?.quoted
        ? stripTabs
          ? node.body.text.replace(/^\t+/gm, '')
          : node.body.text
        : await expandHereDoc(shell, node.body, stripTabs);
      return this.#set(node, 0, Descriptor.of({ reader: readerOf(text) }));
    }
    if (node.type === 'HereString') {
      const text = node.target ? await expandString(shell, node.target) : '';
      return this.#set(node, 0, Descriptor.of({ reader: readerOf(text + '\n') }));
    }
    const target = await this.#target(node);
    const open = this.#openAlready(target);
    if (open && node.operator !== '>&' && node.operator !== '<&') {
      if (node.operator.startsWith('&')) this.#put(2, open.dup());
      return this.#set(node, node.operator.startsWith('<') ? 0 : 1, open.dup());
    }
    switch (node.operator) {
      case '<':
        return this.#set(
          node,
          0,
          this.#open(target, () => Descriptor.of({ reader: openInput(shell.process, target) })),
        );
      case '<>':
        return this.#set(
          node,
          0,
          this.#open(target, () => this.#readWrite(target)),
        );
      case '>':
      case '>|':
        return this.#set(node, 1, this.#openOutput(target, false, node.operator === '>'));
      case '>>':
        return this.#set(node, 1, this.#openOutput(target, true, false));
      case '&>':
      case '&>>':
        return this.#both(node, target, node.operator === '&>>');
      case '>&':
      case '<&':
        return this.#duplicate(node, target);
    }
  }

  /** The descriptor of this shell that a path like `/dev/fd/3` or `/dev/stdout` means. */
  #openAlready(path: string): Descriptor | undefined {
    const match = /^\/dev\/(?:fd\/(\d+)|std(in|out|err))$/.exec(path);
    if (!match) return undefined;
    return this.#shell.fds.get(match[1] ? Number(match[1]) : ['in', 'out', 'err'].indexOf(match[2]!));
  }

  /** @throws ShellError unless the word is one field */
  async #target(node: Redirect): Promise<string> {
    if (!node.target) throw new ShellError('ambiguous redirect');
    const words = await expandWords(this.#shell, [node.target]);
    if (words.length !== 1) throw new ShellError(`${node.target.text}: ambiguous redirect`);
    return words[0]!;
  }

  #open<T>(target: string, open: () => T): T {
    try {
      return open();
    } catch (error) {
      if (error instanceof FsError) throw new ShellError(`${target}: ${error.message}`);
      throw error;
    }
  }

  #readWrite(target: string): Descriptor {
    const writer = openOutput(this.#shell.process, target, { truncate: false });
    return Descriptor.of({ reader: openInput(this.#shell.process, target), writer });
  }

  #openOutput(target: string, append: boolean, guard: boolean): Descriptor {
    const { process, options } = this.#shell;
    const path = process.path(target);
    if (guard && options.has('noclobber') && process.machine.fs.lookup(path)?.type === 'file')
      throw new ShellError(`${target}: cannot overwrite existing file`);
    const writer = this.#open(target, () => openOutput(process, target, { append }));
    // A terminal stays one when it is opened by name.
    const tty = path === '/dev/tty' ? process.tty : undefined;
    return Descriptor.of({ writer, tty });
  }

  #both(node: Redirect, target: string, append: boolean): void {
    const file = this.#openOutput(target, append, !append);
    this.#put(2, file.dup());
    this.#set(node, 1, file);
  }

  #duplicate(node: Redirect, target: string): void {
    const standard = node.operator === '>&' ? 1 : 0;
    const match = /^(\d+)(-?)$/.exec(target);
    if (target === '-') {
      const n = node.descriptor?.type === 'FileDescriptor' ? node.descriptor.value : standard;
      return this.#put(n, undefined);
    }
    if (!match) {
      if (node.operator === '>&' && !node.descriptor) return this.#both(node, target, false);
      throw new ShellError(`${target}: ambiguous redirect`);
    }
    const from = this.#shell.fds.get(Number(match[1]));
    if (!from) throw new ShellError(`${match[1]}: Bad file descriptor`);
    this.#set(node, standard, from.dup());
    if (match[2]) this.#put(Number(match[1]), undefined);
  }

  #set(node: Redirection, standard: number, descriptor: Descriptor): void {
    if (node.descriptor?.type === 'FileDescriptorVariable') {
      let n = 10;
      while (this.#shell.fds.has(n)) n++;
      this.#shell.fds.set(n, descriptor);
      this.#shell.variables.set(node.descriptor.name, String(n));
      return;
    }
    this.#put(node.descriptor ? node.descriptor.value : standard, descriptor);
  }

  #put(n: number, descriptor: Descriptor | undefined): void {
    const { fds } = this.#shell;
    if (this.#saved.has(n)) fds.get(n)?.close();
    else this.#saved.set(n, fds.get(n));
    if (descriptor) fds.set(n, descriptor);
    else fds.delete(n);
  }

  /** Ends the redirections. */
  restore(): void {
    const { fds } = this.#shell;
    for (const [n, descriptor] of this.#saved) {
      if (fds.get(n) !== descriptor) fds.get(n)?.close();
      if (descriptor) fds.set(n, descriptor);
      else fds.delete(n);
    }
    this.#saved.clear();
  }

  /** Makes them permanent, as `exec` does. */
  commit(): void {
    for (const [n, descriptor] of this.#saved) if (this.#shell.fds.get(n) !== descriptor) descriptor?.close();
    this.#saved.clear();
  }
}
