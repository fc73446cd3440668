import type { DirectoryNode, Node } from './file-nodes.ts';

/** Patterns of .dockerignore and of COPY: Go's filepath.Match, with double stars and exceptions (moby/patternmatcher). */

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** The regular expression of a pattern; undefined if it is malformed (Go's ErrBadPattern). */
export function pathPattern(pattern: string): RegExp | undefined {
  let source = '^';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*') {
      if (pattern[i + 1] !== '*') {
        source += '[^/]*';
        continue;
      }
      i++;
      if (pattern[i + 1] === '/') i++;
      source += i + 1 >= pattern.length ? '.*' : '(?:.*/)?';
    } else if (c === '?') source += '[^/]';
    else if (c === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) return undefined;
      const inner = pattern.slice(i + 1, end);
      source += `[${inner.startsWith('^') ? '^' : ''}${inner.replace(/^\^/, '').replace(/[\\\][]/g, '\\$&')}]`;
      i = end;
    } else if (c === '\\') {
      if (i + 1 >= pattern.length) return undefined;
      source += escapeRegex(pattern[++i]!);
    } else source += escapeRegex(c);
  }
  try {
    return new RegExp(`${source}$`);
  } catch {
    return undefined;
  }
}

/** `a//b/../c/` → `a/c`. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

interface Rule {
  expression: RegExp;
  keeps: boolean;
}

/** What a .dockerignore file leaves out. */
export class IgnorePatterns {
  readonly #rules: Rule[] = [];
  readonly #exceptions: boolean;

  constructor(text: string) {
    for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
      if (line.startsWith('#')) continue;
      const trimmed = line.trim();
      const keeps = trimmed.startsWith('!');
      const path = cleanPath(keeps ? trimmed.slice(1).trim() : trimmed);
      if (path === '') continue;
      const expression = pathPattern(path);
      if (expression) this.#rules.push({ expression, keeps });
    }
    this.#exceptions = this.#rules.some((rule) => rule.keeps);
  }

  /** Whether a path is left out: the last rule that it, or a directory above it, matches decides. */
  excludes(path: string): boolean {
    let excluded = false;
    for (const { expression, keeps } of this.#rules) {
      if (keeps !== excluded) continue;
      for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) {
        if (expression.test(path.slice(0, at))) {
          excluded = !keeps;
          break;
        }
      }
    }
    return excluded;
  }

  /** The tree without what is left out. */
  filter(root: DirectoryNode): DirectoryNode {
    return this.#rules.length === 0 ? root : this.#filter(root, '');
  }

  #filter(dir: DirectoryNode, prefix: string): DirectoryNode {
    const entries = new Map<string, Node>();
    for (const [name, node] of dir.entries) {
      const path = prefix + name;
      const excluded = this.excludes(path);
      if (node.type !== 'directory') {
        if (!excluded) entries.set(name, node);
        continue;
      }
      if (excluded && !this.#exceptions) continue;
      const inner = this.#filter(node, `${path}/`);
      if (!excluded || inner.entries.size > 0) entries.set(name, inner);
    }
    return { ...dir, entries };
  }
}
