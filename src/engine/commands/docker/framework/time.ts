import { parseDuration } from '../../kubectl/framework/values.ts';
import { CliError } from './errors.ts';

/** What `--since` and `--until` take, as Unix seconds: durations count back from now. @throws CliError */
export function timestamp(text: string, now: number, flag: string): string {
  if (text === '') return '';
  try {
    return seconds(now - parseDuration(text));
  } catch {
    // A date, then.
  }
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const date = /^\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?$/.test(text)
    ? Date.parse(text.length === 10 ? `${text}T00:00:00Z` : /Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`)
    : NaN;
  if (Number.isNaN(date))
    throw new CliError(`invalid value for "${flag}": failed to parse value as time or duration: "${text}"`);
  return seconds(date);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(9);
}
