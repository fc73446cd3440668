import type { Program } from '../../process/index.ts';

/** As much of perl as one-liners of Job examples need: `-e`, `-l`, `-w`, `-M`, and `print` of a literal or of bpi(DIGITS). */
export const perl: Program = async (process) => {
  let script: string | undefined;
  let newline = '';
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-v' || arg === '--version') {
      await process.print(
        `\nThis is perl 5 (v${process.env.get('PERL_VERSION') ?? '5.36.0'}) built for x86_64-linux-gnu\n`,
      );
      return 0;
    }
    if (/^-M/.test(arg)) continue;
    const flags = /^-([wlne]+)$/.exec(arg)?.[1];
    if (flags === undefined) return notSimulated(arg);
    if (flags.includes('l')) newline = '\n';
    if (flags.includes('e')) script = args[++i] ?? '';
  }
  if (script === undefined) return notSimulated('a script from standard input');
  for (const statement of script
    .split(';')
    .map((s) => s.trim())
    .filter(Boolean)) {
    const expression = /^print\s*\(?\s*(.*?)\s*\)?$/s.exec(statement)?.[1];
    const text = expression === undefined ? undefined : evaluate(statement, expression);
    if (text === undefined) return notSimulated(statement);
    await process.print(text + newline);
  }
  return 0;

  async function notSimulated(what: string): Promise<number> {
    await process.printError(`slipway: perl: ${what} is not simulated\n`);
    return 1;
  }
};

function evaluate(statement: string, expression: string): string | undefined {
  const pi = /^print\s+bpi\((\d{1,5})\)$/.exec(statement);
  if (pi) return piDigits(Number(pi[1]));
  if (/^-?\d+(\.\d+)?$/.test(expression)) return String(Number(expression));
  const quoted = /^(["'])(.*)\1$/s.exec(expression);
  if (!quoted) return undefined;
  return quoted[1] === '"' ? quoted[2]!.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : quoted[2];
}

/** Pi to `digits` significant digits, rounded (Machin's formula on integers). */
function piDigits(digits: number): string {
  if (digits < 1) return '3';
  const scale = 10n ** BigInt(digits + 10);
  const arctanOfInverse = (x: bigint): bigint => {
    let term = scale / x;
    let sum = term;
    const square = x * x;
    for (let n = 3n, sign = -1n; term !== 0n; n += 2n, sign = -sign) {
      term /= square;
      sum += (sign * term) / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));
  const rounded = (pi + 5n * 10n ** 10n) / 10n ** 11n;
  const text = String(rounded);
  return digits === 1 ? text : `${text[0]}.${text.slice(1)}`;
}
