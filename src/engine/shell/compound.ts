import type { ArithmeticExpression, ArithmeticFor, Case, CompoundList, For, If, Select, While } from 'unbash';
import { LineInput } from './line-input.ts';
import { arithmetic, expandPattern, expandString, expandWords } from './expand.ts';
import { BreakLoop, ShellError } from './errors.ts';
import { runCondition, runList, trace } from './execute.ts';
import { compilePattern } from './pattern.ts';
import { quoteIfNeeded } from './quoting.ts';
import type { Shell } from './shell.ts';
import { isName } from './variables.ts';

export async function runIf(shell: Shell, node: If): Promise<number> {
  if ((await runCondition(shell, node.clause)) === 0) return runList(shell, node.then);
  for (const branch of node.elif)
    if ((await runCondition(shell, branch.clause)) === 0) return runList(shell, branch.then);
  return node.else ? runList(shell, node.else) : 0;
}

/** Runs a loop's body once. False if the loop is to end. @throws BreakLoop meant for a loop further out */
async function runBody(shell: Shell, body: CompoundList, result: { status: number }): Promise<boolean> {
  await shell.charge();
  shell.loopDepth++;
  try {
    result.status = await runList(shell, body);
    return true;
  } catch (error) {
    if (!(error instanceof BreakLoop)) throw error;
    result.status = 0;
    if (--error.levels > 0 && shell.loopDepth > 1) throw error;
    return error.next;
  } finally {
    shell.loopDepth--;
  }
}

export async function runFor(shell: Shell, node: For): Promise<number> {
  const name = node.name.value;
  if (!isName(name)) throw new ShellError(`\`${name}': not a valid identifier`);
  shell.line = shell.source?.lineOf(node.pos) ?? shell.line;
  const values = node.wordlist ? await expandWords(shell, node.wordlist) : [...shell.positional];
  const result = { status: 0 };
  for (const value of values) {
    await trace(shell, `for ${name} in ${node.wordlist ? values.map(quoteIfNeeded).join(' ') : '"$@"'}`);
    shell.assign(name, value);
    if (!(await runBody(shell, node.body, result))) break;
  }
  return result.status;
}

export async function runArithmeticFor(shell: Shell, node: ArithmeticFor): Promise<number> {
  const evaluate = async (expression: ArithmeticExpression | undefined, otherwise: bigint) =>
    expression ? arithmetic(shell, shell.source!.text.slice(expression.pos, expression.end), '((: ') : otherwise;
  const result = { status: 0 };
  await evaluate(node.initialize, 0n);
  while ((await evaluate(node.test, 1n)) !== 0n) {
    if (!(await runBody(shell, node.body, result))) break;
    await evaluate(node.update, 0n);
  }
  return result.status;
}

/** Virtual ms of a turn of a loop that does nothing: nobody can count the turns. */
const idleTurn = 100;

/** `while true; do :; done` and the like. */
function isIdle(shell: Shell, { clause, body }: While): boolean {
  const text = (list: CompoundList) => shell.source?.text.slice(list.pos, list.end) ?? '';
  return [clause, body].every((list) => /^\s*(true|:)(\s*;\s*(true|:))*\s*;?\s*$/.test(text(list)));
}

export async function runWhile(shell: Shell, node: While): Promise<number> {
  const result = { status: 0 };
  const idle = isIdle(shell, node) && !shell.functions.has('true') && !shell.functions.has(':');
  for (;;) {
    await shell.charge(idle ? idleTurn : undefined);
    shell.loopDepth++;
    let wanted: boolean;
    try {
      wanted = ((await runCondition(shell, node.clause)) === 0) === (node.kind === 'while');
    } catch (error) {
      if (!(error instanceof BreakLoop)) throw error;
      if (--error.levels > 0 && shell.loopDepth > 1) throw error;
      if (error.next) continue;
      return 0;
    } finally {
      shell.loopDepth--;
    }
    if (!wanted || !(await runBody(shell, node.body, result))) return result.status;
  }
}

export async function runCase(shell: Shell, node: Case): Promise<number> {
  shell.line = shell.source?.lineOf(node.pos) ?? shell.line;
  const word = await expandString(shell, node.word);
  await trace(shell, `case ${quoteIfNeeded(word)} in`);
  let status = 0;
  let fallThrough = false;
  for (const item of node.items) {
    if (!fallThrough && !(await matchesAny(shell, item.pattern, word))) continue;
    status = await runList(shell, item.body);
    if (item.terminator !== ';&' && item.terminator !== ';;&') return status;
    fallThrough = item.terminator === ';&';
  }
  return status;
}

async function matchesAny(shell: Shell, patterns: Case['items'][number]['pattern'], word: string): Promise<boolean> {
  for (const pattern of patterns) {
    const compiled = compilePattern(await expandPattern(shell, pattern), shell.shopts.has('nocasematch'));
    if (compiled.test(word)) return true;
  }
  return false;
}

export async function runSelect(shell: Shell, node: Select): Promise<number> {
  const name = node.name.value;
  const values = node.wordlist ? await expandWords(shell, node.wordlist) : [...shell.positional];
  if (values.length === 0) return 0;
  const result = { status: 0 };
  const width = String(values.length).length;
  const menu = values.map((value, i) => `${String(i + 1).padStart(width)}) ${value}\n`).join('');
  let show = true;
  for (;;) {
    if (show) await shell.printError(menu);
    await shell.printError(shell.variables.get('PS3') ?? '#? ');
    const line = await new LineInput(shell, 0).line();
    if (line === undefined) {
      await shell.out('\n');
      return 1;
    }
    show = line === '';
    if (show) continue;
    shell.variables.set('REPLY', line);
    shell.variables.set(name, values[Number(line) - 1] ?? '');
    if (!(await runBody(shell, node.body, result))) return result.status;
  }
}
