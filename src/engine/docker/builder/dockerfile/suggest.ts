import { distance } from 'fastest-levenshtein';

/** The option that was probably meant: at most two letters differ (BuildKit's util/suggest). */
export function suggestion(value: string, options: readonly string[], caseSensitive = false): string | undefined {
  const given = caseSensitive ? value : value.toLowerCase();
  let best: string | undefined;
  let least = 3;
  for (const option of options) {
    const known = caseSensitive ? option : option.toLowerCase();
    if (known === given) return undefined;
    const far = distance(given, known);
    if (far < least) [best, least] = [option, far];
  }
  return best;
}

/** ` (did you mean X?)`, or nothing. */
export function didYouMean(value: string, options: readonly string[], prefix = ''): string {
  const found = suggestion(value, options);
  return found === undefined ? '' : ` (did you mean ${prefix}${found}?)`;
}
