import { checkAccess, checkParent, openOutput, permission } from '../../process/index.ts';
import { baseName, FsError, parentPath, type DirectoryNode, type Node } from '../../world/index.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** cp, mv, rm, mkdir, rmdir, touch, ln, chmod, chown, mktemp. */

const hint = "Try 'NAME --help' for more information.";

/** Runs `action`; an FsError becomes a complaint with `text` before its message. */
async function attempt(tool: Tool, text: string, action: () => void): Promise<boolean> {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    await tool.complain(`${text}: ${error.message}`);
    return false;
  }
}

function isDirectory(tool: Tool, path: string): boolean {
  return tool.fs.lookup(tool.path(path))?.type === 'directory';
}

/** `cp a b dir`: pairs of source and destination. @throws ToolError */
function destinations(
  tool: Tool,
  operands: readonly string[],
  target: string | undefined,
  noDirectory: boolean,
): [string, string][] {
  const sources = target === undefined ? operands.slice(0, -1) : operands;
  const to = target ?? operands.at(-1);
  if (to === undefined || operands.length === 0) throw new ToolError('missing file operand', { hint });
  if (sources.length === 0) throw new ToolError(`missing destination file operand after '${to}'`, { hint });
  const into = !noDirectory && isDirectory(tool, to);
  if (!into && (sources.length > 1 || target !== undefined))
    throw new ToolError(
      `target '${to}'${tool.fs.lookup(tool.path(to)) ? ' is not a directory' : ': No such file or directory'}`,
    );
  return sources.map((source) => [source, into ? `${to.replace(/\/+$/, '')}/${baseName(tool.path(source))}` : to]);
}

export const cp = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'adfHilLnpPrRst:Tuv',
    long: {
      archive: 'a',
      recursive: 'R',
      force: 'f',
      interactive: 'i',
      'no-clobber': 'n',
      'preserve=?': 'p',
      'target-directory=': 't',
      'no-target-directory': 'T',
      update: 'u',
      verbose: 'v',
      dereference: 'L',
    },
  });
  const recursive = options.has('r', 'R', 'a');
  const keep = options.has('p', 'a');
  for (const [source, target] of destinations(tool, options.operands, options.value('t'), options.has('T'))) {
    const from = tool.path(source);
    const node = tool.fs.lookup(from, !(options.has('a', 'P', 'd') || (recursive && !options.has('L'))));
    if (!node) await tool.complain(`cannot stat '${source}': No such file or directory`);
    else if (node.type === 'directory' && !recursive)
      await tool.complain(`-r not specified; omitting directory '${source}'`);
    else
      await copy(tool, source, target, node, {
        keep,
        noClobber: options.has('n'),
        verbose: options.has('v'),
        update: options.has('u'),
      });
  }
});

interface CopyOptions {
  keep: boolean;
  noClobber: boolean;
  verbose: boolean;
  update: boolean;
}

async function copy(tool: Tool, source: string, target: string, node: Node, options: CopyOptions): Promise<void> {
  const { fs, process } = tool;
  const to = tool.path(target);
  const from = tool.path(source);
  const existing = fs.lookup(to);
  if (existing && options.noClobber) return;
  if (existing && options.update && existing.mtime >= node.mtime) return;
  const { uid, gid } = process.user;
  if (node.type === 'directory') {
    if (to === from || to.startsWith(from + '/'))
      return tool.complain(`cannot copy a directory, '${source}', into itself, '${target}'`);
    if (existing && existing.type !== 'directory')
      return tool.complain(`cannot overwrite non-directory '${target}' with directory '${source}'`);
    if (
      !existing &&
      !(await attempt(tool, `cannot create directory '${target}'`, () => {
        checkParent(fs, process.user, to);
        fs.mkdir(to, { mode: options.keep ? node.mode : node.mode & ~process.umask, uid, gid });
      }))
    )
      return;
    if (options.verbose) tool.put(`'${source}' -> '${target}'\n`);
    for (const [name, child] of (node as DirectoryNode).entries)
      await copy(tool, `${source.replace(/\/$/, '')}/${name}`, `${target}/${name}`, child, options);
    return;
  }
  if (from === to) return tool.complain(`'${source}' and '${target}' are the same file`);
  if (existing?.type === 'directory')
    return tool.complain(`cannot overwrite directory '${target}' with non-directory '${source}'`);
  const readable = await attempt(tool, `cannot open '${source}' for reading`, () =>
    checkAccess(fs, process.user, from, permission.read),
  );
  if (!readable) return;
  const done = await attempt(tool, `cannot create regular file '${target}'`, () => {
    if (existing) checkAccess(fs, process.user, to, permission.write);
    else checkParent(fs, process.user, to);
    if (node.type === 'file' && existing?.type === 'device') return;
    const owner =
      existing && existing.type !== 'symlink'
        ? { uid: existing.uid, gid: existing.gid, mode: existing.mode }
        : { uid, gid, mode: node.mode & ~process.umask };
    fs.putNode(
      existing ? fs.realpath(to) : to,
      options.keep ? node : { ...node, ...owner, mtime: process.world.clock.now() },
    );
  });
  if (done && options.verbose) tool.put(`'${source}' -> '${target}'\n`);
}

export const mv = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'finTt:uv',
    long: {
      force: 'f',
      interactive: 'i',
      'no-clobber': 'n',
      'target-directory=': 't',
      'no-target-directory': 'T',
      verbose: 'v',
    },
  });
  for (const [source, target] of destinations(tool, options.operands, options.value('t'), options.has('T'))) {
    const from = tool.path(source);
    const to = tool.path(target);
    if (!tool.fs.lookup(from, false)) {
      await tool.complain(`cannot stat '${source}': No such file or directory`);
      continue;
    }
    if (options.has('n') && tool.fs.lookup(to)) continue;
    if (from === to) {
      await tool.complain(`'${source}' and '${target}' are the same file`);
      continue;
    }
    if (to.startsWith(from + '/')) {
      await tool.complain(`cannot move '${source}' to a subdirectory of itself, '${target}'`);
      continue;
    }
    const moved = await attempt(tool, `cannot move '${source}' to '${target}'`, () => {
      checkParent(tool.fs, tool.process.user, from);
      checkParent(tool.fs, tool.process.user, to);
      tool.fs.rename(from, to);
    });
    if (moved && options.has('v')) tool.put(`renamed '${source}' -> '${target}'\n`);
  }
});

export const rm = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'dfiIrRv',
    long: { force: 'f', recursive: 'r', dir: 'd', verbose: 'v', 'no-preserve-root': 'no-preserve-root' },
  });
  const recursive = options.has('r', 'R');
  if (options.operands.length === 0 && !options.has('f')) throw new ToolError('missing operand', { hint });
  for (const operand of options.operands) {
    const path = tool.path(operand.length > 1 ? operand.replace(/\/+$/, '') || '/' : operand);
    const node = tool.fs.lookup(path, false);
    if (!node) {
      if (!options.has('f')) await tool.complain(`cannot remove '${operand}': No such file or directory`);
      continue;
    }
    if (path === '/' && recursive) {
      await tool.process.printError(
        "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n",
      );
      tool.status = 1;
      continue;
    }
    if (/(^|\/)\.{1,2}\/*$/.test(operand)) {
      await tool.complain(`refusing to remove '.' or '..' directory: skipping '${operand}'`);
      continue;
    }
    if (node.type === 'directory' && !recursive && !(options.has('d') && node.entries.size === 0)) {
      await tool.complain(`cannot remove '${operand}': ${options.has('d') ? 'Directory not empty' : 'Is a directory'}`);
      continue;
    }
    const removed = await attempt(tool, `cannot remove '${operand}'`, () => {
      checkParent(tool.fs, tool.process.user, path);
      tool.fs.remove(path, { recursive: true });
    });
    if (removed && options.has('v')) tool.put(`removed ${node.type === 'directory' ? 'directory ' : ''}'${operand}'\n`);
  }
});

/** `u+x,go-w` or octal, applied to a mode. Undefined if malformed. */
export function changeMode(text: string, mode: number, isDirectory: boolean, umask: number): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return parseInt(text, 8);
  let result = mode;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause);
    if (!match) return undefined;
    const who = match[1] || 'a';
    const mask = match[1] ? 0o7777 : ~umask & 0o7777;
    for (const [, operator, letters] of match[2]!.matchAll(/([-+=])([rwxXst]*)/g)) {
      let bits = 0;
      for (const [letter, shift] of [
        ['u', 6],
        ['g', 3],
        ['o', 0],
      ] as const) {
        if (!who.includes(letter) && !who.includes('a')) continue;
        let part = 0;
        if (letters!.includes('r')) part |= 4;
        if (letters!.includes('w')) part |= 2;
        if (letters!.includes('x') || (letters!.includes('X') && (isDirectory || (mode & 0o111) !== 0))) part |= 1;
        bits |= part << shift;
        if (operator === '=') result &= ~(7 << shift);
      }
      if (letters!.includes('t')) bits |= 0o1000;
      if (letters!.includes('s'))
        bits |=
          (who.includes('u') || who.includes('a') ? 0o4000 : 0) | (who.includes('g') || who.includes('a') ? 0o2000 : 0);
      bits &= mask;
      if (operator === '-') result &= ~bits;
      else result |= bits;
    }
  }
  return result;
}

export const mkdir = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'm:pv', long: { 'mode=': 'm', parents: 'p', verbose: 'v' } });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  const { uid, gid } = tool.process.user;
  const modeText = options.value('m');
  const mode =
    modeText === undefined ? 0o777 & ~tool.process.umask : changeMode(modeText, 0o777, true, tool.process.umask);
  if (mode === undefined) throw new ToolError(`invalid mode ‘${modeText}’`);
  for (const operand of options.operands) {
    const path = tool.path(operand.replace(/\/+$/, '') || '/');
    const missing: string[] = [];
    for (let at = path; options.has('p') && !tool.fs.exists(at); at = parentPath(at)) missing.unshift(at);
    if (options.has('p') && missing.length === 0 && isDirectory(tool, operand)) continue;
    for (const directory of options.has('p') && missing.length > 0 ? missing : [path]) {
      const made = await attempt(tool, `cannot create directory ‘${directory === path ? operand : directory}’`, () => {
        checkParent(tool.fs, tool.process.user, directory);
        tool.fs.mkdir(directory, { mode, uid, gid });
      });
      if (!made) break;
      if (options.has('v')) tool.put(`mkdir: created directory '${operand}'\n`);
    }
  }
});

export const rmdir = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'pv', long: { parents: 'p', 'ignore-fail-on-non-empty': 'i' } });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  for (const operand of options.operands) {
    const all = [operand];
    if (options.has('p'))
      for (let at = parentPath('/' + operand).slice(1); at; at = parentPath('/' + at).slice(1)) all.push(at);
    for (const name of all)
      await attempt(tool, `failed to remove '${name}'`, () => {
        const path = tool.path(name.replace(/\/+$/, ''));
        if (tool.fs.stat(path, false).type !== 'directory') throw new FsError('ENOTDIR', path);
        checkParent(tool.fs, tool.process.user, path);
        tool.fs.remove(path);
      });
  }
});

export const touch = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'acd:hmr:t:',
    long: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r' },
  });
  if (options.operands.length === 0) throw new ToolError('missing file operand', { hint });
  let mtime = tool.process.world.clock.now();
  const reference = options.value('r');
  const date = options.value('d');
  if (reference !== undefined) mtime = tool.fs.stat(tool.path(reference)).mtime;
  else if (date !== undefined) {
    const parsed = parseDate(date, mtime);
    if (parsed === undefined) throw new ToolError(`invalid date format ‘${date}’`);
    mtime = parsed;
  }
  for (const operand of options.operands) {
    const path = tool.path(operand);
    if (!tool.fs.exists(path)) {
      if (options.has('c')) continue;
      if (!(await attempt(tool, `cannot touch '${operand}'`, () => openOutput(tool.process, operand).close())))
        continue;
    }
    await attempt(tool, `setting times of '${operand}'`, () => {
      checkAccess(tool.fs, tool.process.user, path, permission.write);
      tool.fs.setAttributes(path, { mtime });
    });
  }
});

/** Dates that GNU date understands: ISO forms, `@seconds`, `now`, and relative ones (`2 days ago`, `+1 hour`). Unix ms. */
export function parseDate(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  const epoch = /^@(-?\d+(?:\.\d+)?)$/.exec(trimmed);
  if (epoch) return Number(epoch[1]) * 1000;
  const units: Record<string, number> = {
    sec: 1e3,
    second: 1e3,
    min: 6e4,
    minute: 6e4,
    hour: 36e5,
    day: 864e5,
    week: 6048e5,
    fortnight: 12096e5,
    month: 2_592_000_000,
    year: 31_536_000_000,
  };
  let time = now;
  let rest = trimmed.toLowerCase();
  const iso =
    /^(\d{4})-(\d{2})-(\d{2})(?:[t ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?/.exec(
      rest,
    );
  if (iso) {
    const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(iso[8] ?? '');
    const offset = zone ? (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '+' ? 60_000 : -60_000) : 0;
    time =
      Date.UTC(
        Number(iso[1]),
        Number(iso[2]) - 1,
        Number(iso[3]),
        Number(iso[4] ?? 0),
        Number(iso[5] ?? 0),
        Number(iso[6] ?? 0),
      ) +
      Number(iso[7] ?? 0) * 1000 -
      offset;
    rest = rest.slice(iso[0].length).trim();
  }
  rest = rest
    .replace(/\b(now|today|utc)\b/g, ' ')
    .replace(/\byesterday\b/g, ' 1 day ago ')
    .replace(/\btomorrow\b/g, ' +1 day ')
    .replace(/\bnext (\w+)/g, ' +1 $1 ')
    .replace(/\blast (\w+)/g, ' 1 $1 ago ');
  const leftover = rest.replace(
    /([+-]?)\s*(\d+)?\s*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?\b(\s+ago)?/g,
    (_, sign: string, n: string | undefined, unit: string, ago: string | undefined) => {
      time += Number(n ?? 1) * units[unit]! * (sign === '-' ? -1 : 1) * (ago ? -1 : 1);
      return '';
    },
  );
  const clock = /^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$/.exec(leftover);
  if (clock) {
    const midnight = Math.floor(time / 864e5) * 864e5;
    return midnight + (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * 1000;
  }
  return leftover.trim() === '' ? time : undefined;
}

export const ln = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'fnrsTv',
    long: { symbolic: 's', force: 'f', 'no-dereference': 'n', relative: 'r', verbose: 'v' },
  });
  const symbolic = options.has('s');
  const [first] = options.operands;
  if (first === undefined) throw new ToolError('missing file operand', { hint });
  const pairs: [string, string][] =
    options.operands.length === 1
      ? [[first, baseName(tool.path(first))]]
      : destinations(
          tool,
          options.operands,
          undefined,
          options.has('n', 'T') && tool.fs.lookup(tool.path(options.operands.at(-1)!), false)?.type === 'symlink',
        );
  for (const [target, link] of pairs) {
    const path = tool.path(link);
    if (options.has('f') && tool.fs.lookup(path, false)) tool.fs.remove(path);
    await attempt(tool, `failed to create ${symbolic ? 'symbolic' : 'hard'} link '${link}'`, () => {
      checkParent(tool.fs, tool.process.user, path);
      if (symbolic) {
        tool.fs.symlink(target, path);
        return;
      }
      const node = tool.fs.lookup(tool.path(target), false);
      if (!node) throw new FsError('ENOENT', target);
      if (node.type === 'directory') throw new FsError('EPERM', target);
      if (tool.fs.lookup(path, false)) throw new FsError('EEXIST', path);
      tool.fs.putNode(path, node);
    });
  }
});

function walk(tool: Tool, path: string, recursive: boolean, visit: (path: string, node: Node) => void): void {
  const node = tool.fs.lookup(path);
  if (!node) return;
  visit(path, node);
  if (recursive && node.type === 'directory')
    for (const [name, child] of node.entries)
      if (child.type !== 'symlink') walk(tool, `${path === '/' ? '' : path}/${name}`, true, visit);
}

export const chmod = defineTool(async (tool) => {
  // A mode like -x is no option.
  const options = parseOptions(tool, {
    args: tool.args.filter((a) => !/^-[rwxXst]+$/.test(a)),
    short: 'cfRv',
    long: { recursive: 'R', verbose: 'v', quiet: 'f', silent: 'f', 'reference=': 'reference' },
  });
  const minus = tool.args.find((a) => /^-[rwxXst]+$/.test(a));
  const [mode, ...files] = minus ? [minus, ...options.operands] : options.operands;
  if (mode === undefined) throw new ToolError('missing operand', { hint });
  if (files.length === 0) throw new ToolError(`missing operand after ‘${mode}’`, { hint });
  if (changeMode(mode, 0, false, 0) === undefined) throw new ToolError(`invalid mode: ‘${mode}’`, { hint });
  for (const file of files) {
    const path = tool.path(file);
    if (!tool.fs.exists(path)) {
      await tool.complain(`cannot access '${file}': No such file or directory`);
      continue;
    }
    await attempt(tool, `changing permissions of '${file}'`, () =>
      walk(tool, path, options.has('R'), (at, node) => {
        if (tool.process.user.uid !== 0 && node.uid !== tool.process.user.uid) throw new FsError('EPERM', at);
        tool.fs.setAttributes(at, {
          mode: changeMode(mode, node.mode, node.type === 'directory', tool.process.umask)!,
        });
      }),
    );
  }
});

export const chown = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'cfhRv', long: { recursive: 'R', verbose: 'v' } });
  const [spec, ...files] = options.operands;
  if (spec === undefined) throw new ToolError('missing operand', { hint });
  if (files.length === 0) throw new ToolError(`missing operand after ‘${spec}’`, { hint });
  const { users } = tool.process.machine;
  const groupOnly = tool.name === 'chgrp';
  const [userText, groupText] = groupOnly ? ['', spec] : spec.split(/[:.]/, 2);
  const idOf = (text: string | undefined, kind: 'user' | 'group'): number | undefined => {
    if (!text) return undefined;
    const named = users.get(text);
    if (named) return kind === 'user' ? named.uid : named.gid;
    if (/^\d+$/.test(text)) return Number(text);
    throw new ToolError(`invalid ${kind}: '${spec}'`);
  };
  const uid = idOf(userText, 'user');
  const gid = idOf(groupText, 'group');
  for (const file of files) {
    const path = tool.path(file);
    if (!tool.fs.exists(path)) {
      await tool.complain(`cannot access '${file}': No such file or directory`);
      continue;
    }
    await attempt(tool, `changing ownership of '${file}'`, () =>
      walk(tool, path, options.has('R'), (at, node) => {
        if (tool.process.user.uid !== 0 && (uid ?? node.uid) !== node.uid) throw new FsError('EPERM', at);
        tool.fs.setAttributes(at, { uid: uid ?? node.uid, gid: gid ?? node.gid });
      }),
    );
  }
});

export const mktemp = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'dp:qtu',
    long: { directory: 'd', 'tmpdir=?': 'p', 'dry-run': 'u', quiet: 'q', 'suffix=': 'suffix' },
  });
  const template = options.operands[0] ?? 'tmp.XXXXXXXXXX';
  const match = /^([^]*?)(X{3,})([^X/]*)$/.exec(template);
  if (!match) throw new ToolError(`too few X's in template ‘${template}’`);
  const inTmp = options.operands.length === 0 || options.has('p', 't');
  const directory = inTmp ? (options.value('p') || tool.process.env.get('TMPDIR') || '/tmp') + '/' : '';
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const random = tool.process.world.random.stream('mktemp');
  const middle = Array.from(match[2]!, () => letters[random.int(letters.length)]).join('');
  const path = `${directory}${match[1]}${middle}${match[3]}${options.value('suffix') ?? ''}`;
  const full = tool.path(path);
  const { uid, gid } = tool.process.user;
  const what = options.has('d') ? 'directory' : 'file';
  const made =
    options.has('u') ||
    (await attempt(tool, `failed to create ${what} via template '${directory}${template}'`, () => {
      checkParent(tool.fs, tool.process.user, full);
      if (options.has('d')) tool.fs.mkdir(full, { mode: 0o700, uid, gid });
      else tool.fs.writeFile(full, '', { mode: 0o600, uid, gid, exclusive: true });
    }));
  if (made) tool.put(`${path}\n`);
});
