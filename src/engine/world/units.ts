/** How Docker writes durations and sizes: the rules of the go-units package. */

/** `5 minutes`, `About an hour`; ms. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(ms / 60_000);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(ms / 3_600_000 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(ms / 3_600_000 / 24 / 365)} years`;
}

/** Go's `%.Ng`: N significant digits, exponent from 10^N on, trailing zeros dropped. */
export function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e');
  const exponent = Number(exponentText);
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent < -4 || exponent >= digits)
    return `${trim(mantissa!)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return trim(value.toPrecision(digits).includes('e') ? value.toFixed(0) : value.toPrecision(digits));
}

function scaled(size: number, digits: number, base: number, units: readonly string[]): string {
  let value = size;
  let i = 0;
  while (value >= base && i < units.length - 1) {
    value /= base;
    i++;
  }
  return significant(value, digits) + units[i];
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** `97.46MB`: decimal, four digits (or `digits`). */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, digits, 1000, decimal);
}

/** `23.54GiB`. */
export function bytesSize(bytes: number): string {
  return scaled(bytes, 4, 1024, binary);
}

/** Bytes of `64m`, `1.5g`, `512MiB`. @throws Error in go-units' words */
export function parseMemory(text: string): number {
  const invalid = () => new Error(`invalid size: '${text}'`);
  const at = text.search(/[^0-9. ](?![0-9. ])/);
  const match = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?([a-zA-Z]*)$/.exec(text);
  if (!match || at === 0) throw invalid();
  const unit = match[2]!.toLowerCase();
  const value = Number(match[1]);
  if (unit === '' || unit === 'b') return Math.trunc(value);
  const power = 'kmgtp'.indexOf(unit[0]!);
  if (power < 0 || !/^[kmgtp](i?b)?$/.test(unit)) throw new Error(`invalid suffix: '${match[2]}'`);
  return Math.trunc(value * 1024 ** (power + 1));
}
