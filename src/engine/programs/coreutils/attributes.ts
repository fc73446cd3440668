import { checkAccess, hasCapability, openOutput, permission } from '../../process/index.ts';
import { FsError, type Node } from '../../world/index.ts';
import { parseDate } from '../lib/date.ts';
import { findAccount, findGroup, groupIdsOf } from '../lib/accounts.ts';
import { attempt } from '../lib/attempt.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** chmod, chown, chgrp, touch. */

const hint = "Try 'NAME --help' for more information.";

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
        if (!hasCapability(tool.process.user, 'FOWNER') && node.uid !== tool.process.user.uid)
          throw new FsError('EPERM', at);
        tool.fs.setAttributes(at, {
          mode: changeMode(mode, node.mode, node.type === 'directory', tool.process.umask)!,
        });
      }),
    );
  }
});

/** chown(2): CAP_CHOWN changes owners; an owner may give a file to a group that it is in. */
function mayChangeOwner(tool: Tool, node: Node, uid: number | undefined, gid: number | undefined): boolean {
  const { user, machine } = tool.process;
  if (hasCapability(user, 'CHOWN')) return true;
  if (node.uid !== user.uid || (uid ?? node.uid) !== node.uid) return false;
  return gid === undefined || gid === node.gid || groupIdsOf(machine, user).includes(gid);
}

export const chown = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'cfhRv', long: { recursive: 'R', verbose: 'v' } });
  const [spec, ...files] = options.operands;
  if (spec === undefined) throw new ToolError('missing operand', { hint });
  if (files.length === 0) throw new ToolError(`missing operand after ‘${spec}’`, { hint });
  const { machine } = tool.process;
  const groupOnly = tool.name === 'chgrp';
  const [userText, groupText] = groupOnly ? ['', spec] : spec.split(/[:.]/, 2);
  const idOf = (text: string | undefined, kind: 'user' | 'group'): number | undefined => {
    if (!text) return undefined;
    const named = kind === 'user' ? findAccount(machine, text)?.uid : findGroup(machine, text);
    if (named !== undefined) return named;
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
        if (!mayChangeOwner(tool, node, uid, gid)) throw new FsError('EPERM', at);
        tool.fs.setAttributes(at, { uid: uid ?? node.uid, gid: gid ?? node.gid });
      }),
    );
  }
});
