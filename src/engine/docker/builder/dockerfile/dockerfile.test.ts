import { describe, expect, test } from 'vitest';
import { DockerfileError, lint, parseDockerfile } from './index.ts';
import { expandWord, expandWords, WordError } from './words.ts';

const failure = (text: string): string => {
  try {
    parseDockerfile(text);
  } catch (error) {
    if (error instanceof DockerfileError) return error.message;
    throw error;
  }
  return 'parsed';
};

const rules = (text: string) => lint(parseDockerfile(text)).map(({ message }) => message);

describe('instructions', () => {
  test('continuation lines join, comments inside are left out', () => {
    const file = parseDockerfile('FROM a\nRUN one && \\\n  # comment\n  two\n');
    const [run] = file.stages[0]!.instructions;
    expect(run!.node.original).toBe('RUN one &&   two');
    expect([run!.start, run!.end]).toEqual([2, 4]);
  });

  test('the escape directive', () => {
    const file = parseDockerfile('# escape=`\nFROM a\nRUN one `\n  two\n');
    expect(file.stages[0]!.instructions[0]!.node.original).toBe('RUN one   two');
  });

  test('heredocs keep their text', () => {
    const [run] = parseDockerfile('FROM a\nRUN <<-EOF\n\techo a\n\tEOF\nCMD ["x"]\n').stages[0]!.instructions;
    expect(run!.node.heredocs).toEqual([{ name: 'EOF', expand: true, chomp: true, content: 'echo a\n' }]);
    expect(failure('FROM a\nRUN <<EOF\necho\n')).toBe('unterminated heredoc');
  });

  test.each([
    ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
    ['RUN x', 'no build stage in current context'],
    ['# x', 'file with no instructions'],
    ['FROM a\nFOO x', 'dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)'],
    ['FROM a\nENV X', 'ENV must have two arguments'],
    ['FROM a\nENV', 'dockerfile parse error on line 2: ENV requires at least one argument'],
    ['FROM a\nENV a=b c', 'Syntax error - can\'t find = in "c". Must be of the form: name=value'],
    ['FROM a\nUSER', 'dockerfile parse error on line 2: USER requires exactly one argument'],
    ['FROM a\nCOPY --frm=x a b', 'dockerfile parse error on line 2: unknown flag: --frm (did you mean from?)'],
    ['FROM a\nCOPY --from a b', 'dockerfile parse error on line 2: missing a value on flag: from'],
    ['FROM a\nHEALTHCHECK --interval=x CMD y', 'dockerfile parse error on line 2: time: invalid duration "x"'],
    ['FROM a\nCMD [1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ])('%j', (text, message) => expect(failure(text)).toBe(message));
});

describe('words', () => {
  const env = new Map([
    ['A', 'one'],
    ['E', ''],
  ]);
  test.each([
    ['$A', 'one'],
    ['${A}x', 'onex'],
    ['${N:-d}', 'd'],
    ['${E:-d}', 'd'],
    ['${E-d}', ''],
    ['${A:+y}', 'y'],
    ['${N:-${A}}', 'one'],
    ['\\$A', '$A'],
    ["'$A'", '$A'],
    ['"$A b"', 'one b'],
    ['${A#o}', 'ne'],
    ['${A%e}', 'on'],
    ['${A/n/N}', 'oNe'],
  ])('%s', (text, value) => expect(expandWord(text, env)).toBe(value));

  test('blanks of variables separate words', () => {
    expect(expandWords('a $X c', new Map([['X', '1 2']]))).toEqual(['a', '1', '2', 'c']);
  });

  test.each([['${A'], ['"x'], ["'x"], ['${A:?gone}'.replace('A', 'N')]])('%s is an error', (text) => {
    expect(() => expandWord(text, env)).toThrow(WordError);
  });
});

describe('checks', () => {
  test('what BuildKit warns of', () => {
    expect(rules('FROM a as b\nCMD echo\nENV PASSWORD=x\nMAINTAINER m\nLABEL a b\n')).toEqual([
      "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)",
      'JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)',
      'SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "PASSWORD") (line 3)',
      'MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 4)',
      'LegacyKeyValueFormat: "LABEL key=value" should be used instead of legacy "LABEL key value" format (line 5)',
    ]);
  });

  test('one case for all instructions', () => {
    expect(rules('FROM a\nrun x\nCOPY a b\n')).toEqual([
      "ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase) (line 2)",
    ]);
    expect(rules('from a\nrun x\n')).toEqual([]);
  });

  test('rules can be left out', () => {
    expect(rules('# check=skip=JSONArgsRecommended\nFROM a\nCMD x\n')).toEqual([]);
  });
});
