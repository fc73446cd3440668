/** Field selectors (k8s.io/apimachinery/pkg/fields): `status.phase!=Running,metadata.name=a`. */

export interface FieldTerm {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Parses a field selector. Throws an Error with upstream's message. */
export function parseFieldSelector(selector: string): readonly FieldTerm[] {
  return splitTerms(selector)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, selector));
}

function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let current = '';
  for (let i = 0; i < selector.length; i++) {
    const c = selector[i]!;
    if (c === '\\') current += c + (selector[++i] ?? '');
    else if (c === ',') {
      terms.push(current);
      current = '';
    } else current += c;
  }
  return [...terms, current];
}

function parseTerm(term: string, selector: string): FieldTerm {
  const parts = /^((?:[^\\=!]|\\.|!(?!=))*)(!=|==|=)([^]*)$/.exec(term);
  if (!parts) throw new Error(`invalid selector: '${selector}'; can't understand '${term}'`);
  return { field: parts[1]!, operator: parts[2] === '!=' ? '!=' : '=', value: unescape(parts[3]!) };
}

function unescape(value: string): string {
  let result = '';
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\') {
      const next = value[++i];
      if (next === undefined || !'\\,='.includes(next)) {
        throw new Error(`invalid field selector: invalid escape sequence: ${value.slice(i - 1, i + 1)}`);
      }
      result += next;
    } else if (c === ',' || c === '=') {
      throw new Error(`invalid field selector: unescaped character in value: ${c}`);
    } else result += c;
  }
  return result;
}

/** @param get the object's value of a field; '' where it has none */
export function matchesFields(terms: readonly FieldTerm[], get: (field: string) => string): boolean {
  return terms.every(({ field, operator, value }) => (get(field) === value) === (operator === '='));
}
