/** Formats of names, labels and keys, with upstream's messages (k8s.io/apimachinery/pkg/util/validation). */

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;

const label1123Pattern = new RegExp(`^${label1123}$`);
const subdomain1123Pattern = new RegExp(`^${subdomain1123}$`);
const label1035Pattern = new RegExp(`^${label1035}$`);
const qualifiedNamePattern = new RegExp(`^${qualifiedName}$`);
const labelValuePattern = new RegExp(`^${labelValue}$`);

function maxLength(length: number): string {
  return `must be no more than ${length} bytes`;
}

function pattern(message: string, regex: string, ...examples: string[]): string {
  const quoted = examples.map((example) => `'${example}', `);
  return `${message} (e.g. ${quoted.join(' or ')} regex used for validation is '${regex}')`.replace("',  regex", "', regex");
}

/** Messages for a name that is no DNS label (RFC 1123); none if it is one. */
export function isDns1123Label(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 63) errors.push(maxLength(63));
  if (!label1123Pattern.test(value)) {
    if (subdomain1123Pattern.test(value)) errors.push('must not contain dots');
    else {
      const message =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
      errors.push(pattern(message, label1123, 'my-name', '123-abc'));
    }
  }
  return errors;
}

export function isDns1123Subdomain(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 253) errors.push(maxLength(253));
  if (!subdomain1123Pattern.test(value)) {
    const message =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    errors.push(pattern(message, subdomain1123, 'example.com'));
  }
  return errors;
}

export function isDns1035Label(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 63) errors.push(maxLength(63));
  if (!label1035Pattern.test(value)) {
    const message =
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
    errors.push(pattern(message, label1035, 'my-name', 'abc-123'));
  }
  return errors;
}

/** Names that need only fit into a path, as RBAC's. */
export function isPathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** Keys of labels and annotations, names of finalizers and extended resources: `[prefix/]name`. */
export function isQualifiedName(value: string): string[] {
  if (value.length <= 63 && qualifiedNamePattern.test(value)) return [];
  const errors: string[] = [];
  const parts = value.split('/');
  const name = parts.at(-1)!;
  if (parts.length > 2) {
    return [
      `a qualified name ${pattern(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        qualifiedName,
        'MyName',
        'my.name',
        '123-abc',
      )} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...isDns1123Subdomain(prefix).map((text) => `prefix part ${text}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > 63) errors.push(`name part ${maxLength(63)}`);
  if (!qualifiedNamePattern.test(name)) {
    const message =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    errors.push(`name part ${pattern(message, qualifiedName, 'MyName', 'my.name', '123-abc')}`);
  }
  return errors;
}

export function isValidLabelValue(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 63) errors.push(maxLength(63));
  if (!labelValuePattern.test(value)) {
    const message =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    errors.push(pattern(message, labelValue, 'MyValue', 'my_value', '12345'));
  }
  return errors;
}
