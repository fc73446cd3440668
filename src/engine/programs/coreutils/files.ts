import { checkAccess, checkParent, permission } from '../../process/index.ts';
import { baseName, FsError, parentPath, type DirectoryNode, type Node } from '../../world/index.ts';
import { attempt } from '../lib/attempt.ts';
import { parseOptions } from '../lib/options.ts';
import { changeMode } from './attributes.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** cp, mv, rm, mkdir, rmdir, ln, mktemp. */

const hint = "Try 'NAME --help' for more information.";
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
