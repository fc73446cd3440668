/** Complaints about cron schedules, in the words of the parser the server uses (robfig/cron, ParseStandard). */

interface Bounds {
  min: number;
  max: number;
  names?: Readonly<Record<string, number>>;
}

const months = Object.fromEntries(
  'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ').map((n, i) => [n, i + 1]),
);
const days = Object.fromEntries('sun mon tue wed thu fri sat'.split(' ').map((n, i) => [n, i]));
const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with a schedule; undefined if it is fine. */
export function scheduleError(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let spec = schedule;
  if (/^(TZ|CRON_TZ)=/.test(spec)) spec = spec.slice(spec.indexOf(' ') + 1).trim();
  if (spec.startsWith('@')) {
    if (descriptors.includes(spec)) return undefined;
    const every = /^@every (.*)$/.exec(spec);
    if (!every) return `unrecognized descriptor: ${spec}`;
    return /^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$/.test(every[1]!)
      ? undefined
      : `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(every[1])}`;
  }
  const parts = spec.split(/\s+/).filter(Boolean);
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [i, part] of parts.entries()) {
    for (const range of part.split(',').filter(Boolean)) {
      const error = rangeError(range, fields[i]!);
      if (error) return error;
    }
  }
  return undefined;
}

function rangeError(expression: string, { min, max, names }: Bounds): string | undefined {
  const [range, step, ...rest] = expression.split('/');
  const [low, high, ...more] = range!.split('-');
  if (rest.length > 0) return `too many slashes: ${expression}`;
  if (more.length > 0) return `too many hyphens: ${expression}`;
  let start = min;
  let end = max;
  if (low !== '*' && low !== '?') {
    const first = number(low!, names);
    if (typeof first === 'string') return first;
    start = first;
    end = high === undefined ? (step === undefined ? first : max) : start;
    if (high !== undefined) {
      const last = number(high, names);
      if (typeof last === 'string') return last;
      end = last;
    }
  }
  if (step !== undefined) {
    const by = number(step, undefined);
    if (typeof by === 'string') return by;
    if (by === 0) return `step of range should be a positive number: ${expression}`;
  }
  if (start < min) return `beginning of range (${start}) below minimum (${min}): ${expression}`;
  if (end > max) return `end of range (${end}) above maximum (${max}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  return undefined;
}

function number(text: string, names: Readonly<Record<string, number>> | undefined): number | string {
  const named = names?.[text.toLowerCase()];
  if (named !== undefined) return named;
  if (/^[-+]?[0-9]+$/.test(text)) {
    const value = Number(text);
    return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
  }
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
