import type { Regex } from '../regex/linear.ts';
import { posixRegex } from '../regex/posix.ts';
import type { TestExpression, Word } from 'unbash';
import { mayAccess, permission } from '../process/index.ts';
import { arithmeticNow, expandArithmeticText, expandPattern, expandRegex, expandString } from './expand.ts';
import { ShellError } from './errors.ts';
import { trace } from './execute.ts';
import { compilePattern, escapeRegExp } from './pattern.ts';
import { quoteIfNeeded } from './quoting.ts';
import type { Shell } from './shell.ts';

/** `[[ … ]]`. @returns the exit status */
export async function evaluateTest(shell: Shell, expression: TestExpression): Promise<number> {
  return (await evaluate(shell, expression)) ? 0 : 1;
}

async function evaluate(shell: Shell, node: TestExpression): Promise<boolean> {
  switch (node.type) {
    case 'TestLogical':
      for (const operand of node.operands) {
        const value = await evaluate(shell, operand);
        if (value !== (node.operator === '&&')) return value;
      }
      return node.operator === '&&';
    case 'TestNot':
      return (await evaluate(shell, node.operand)) !== (node.negations.length % 2 === 1);
    case 'TestGroup':
      return evaluate(shell, node.expression);
    case 'TestUnary': {
      const operand = await expandString(shell, node.operand);
      await trace(shell, `[[ ${node.operator} ${quoteIfNeeded(operand)} ]]`);
      return unaryTest(shell, node.operator, operand);
    }
    case 'TestBinary':
      return binary(shell, node.operator, node.left, node.right);
  }
}

async function binary(shell: Shell, operator: string, leftWord: Word, rightWord: Word): Promise<boolean> {
  const left = await expandString(shell, leftWord);
  if (operator === '=' || operator === '==' || operator === '!=') {
    const pattern = await expandPattern(shell, rightWord);
    await trace(shell, `[[ ${quoteIfNeeded(left)} ${operator} ${pattern} ]]`);
    return compilePattern(pattern, shell.shopts.has('nocasematch')).test(left) === (operator !== '!=');
  }
  if (operator === '=~') return matchRegex(shell, left, await expandRegex(shell, rightWord, escapeRegExp));
  const right = await expandString(shell, rightWord);
  await trace(shell, `[[ ${quoteIfNeeded(left)} ${operator} ${quoteIfNeeded(right)} ]]`);
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  if (/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) {
    const a = arithmeticNow(shell, await expandArithmeticText(shell, left), '[[: ');
    const b = arithmeticNow(shell, await expandArithmeticText(shell, right), '[[: ');
    return compareNumbers(operator, a, b);
  }
  return fileComparison(shell, operator, left, right);
}

function matchRegex(shell: Shell, text: string, source: string): boolean {
  let regex: Regex;
  try {
    regex = posixRegex(source, { extended: true, ignoreCase: shell.shopts.has('nocasematch') });
  } catch {
    throw new ShellError('', { status: 2 });
  }
  const match = regex.exec(text);
  shell.variables.setArray(
    'BASH_REMATCH',
    [...(match ?? [])].map((group, i) => [String(i), group ?? ''] as const),
  );
  return match !== null;
}

export function compareNumbers(operator: string, a: bigint, b: bigint): boolean {
  switch (operator) {
    case '-eq':
      return a === b;
    case '-ne':
      return a !== b;
    case '-lt':
      return a < b;
    case '-le':
      return a <= b;
    case '-gt':
      return a > b;
    default:
      return a >= b;
  }
}

/** `-nt`, `-ot`, `-ef`. */
export function fileComparison(shell: Shell, operator: string, left: string, right: string): boolean {
  const { fs } = shell.process.machine;
  const a = fs.lookup(shell.process.path(left));
  const b = fs.lookup(shell.process.path(right));
  if (operator === '-nt') return !!a && (!b || a.mtime > b.mtime);
  if (operator === '-ot') return !!b && (!a || a.mtime < b.mtime);
  return !!a && !!b && fs.realpath(shell.process.path(left)) === fs.realpath(shell.process.path(right));
}

/** The unary operators that `[[`, `test` and `[` share. */
export function unaryTest(shell: Shell, operator: string, operand: string): boolean {
  const { process } = shell;
  const { fs } = process.machine;
  switch (operator) {
    case '-z':
      return operand === '';
    case '-n':
      return operand !== '';
    case '-v': {
      const match = /^(\w+)(?:\[(.*)\])?$/.exec(operand);
      if (!match) return false;
      if (match[2] === '@' || match[2] === '*') return shell.variables.keys(match[1]!).length > 0;
      return (
        (match[2] === undefined ? shell.parameter(match[1]!) : shell.variables.getElement(match[1]!, match[2])) !==
        undefined
      );
    }
    case '-o':
      return shell.options.has(operand);
    case '-t':
      return shell.fds.get(Number(operand))?.tty !== undefined;
    case '-R':
      return shell.variables.lookup(operand)?.nameref ?? false;
  }
  if (operand === '') return false;
  const path = process.path(operand);
  const fd = /^\/dev\/fd\/(\d+)$/.exec(path);
  if (fd) return shell.fds.has(Number(fd[1])) && operator !== '-f' && operator !== '-d';
  if (operator === '-h' || operator === '-L') return fs.lookup(path, false)?.type === 'symlink';
  const node = fs.lookup(path);
  if (!node) return false;
  switch (operator) {
    case '-a':
    case '-e':
      return true;
    case '-f':
      return node.type === 'file';
    case '-d':
      return node.type === 'directory';
    case '-s':
      return node.type === 'directory' || (node.type === 'file' && node.data.length > 0);
    case '-r':
      return mayAccess(process.user, node, permission.read);
    case '-w':
      return mayAccess(process.user, node, permission.write);
    case '-x':
      return mayAccess(process.user, node, permission.execute);
    case '-c':
      return node.type === 'device';
    case '-O':
      return node.uid === process.user.uid;
    case '-G':
      return node.gid === process.user.gid;
    case '-k':
      return (node.mode & 0o1000) !== 0;
    case '-u':
      return (node.mode & 0o4000) !== 0;
    case '-g':
      return (node.mode & 0o2000) !== 0;
    case '-N':
      return true;
    default:
      return false;
  }
}
