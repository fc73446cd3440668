/** Name formats and their complaints (k8s.io/apimachinery/pkg/util/validation). Each returns the complaints, none if fine. */

const dns1123Label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1123Subdomain = `${dns1123Label}(\\.${dns1123Label})*`;
const dns1035Label = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;
const wildcardSubdomain = `\\*\\.${dns1123Subdomain}`;
const configMapKey = '[-._a-zA-Z0-9]+';
const httpHeaderName = '[-A-Za-z0-9]+';
const percent = '[0-9]+%';

const compiled = new Map<string, RegExp>();

function matches(format: string, value: string): boolean {
  let pattern = compiled.get(format);
  if (!pattern) compiled.set(format, (pattern = new RegExp(`^(?:${format})$`)));
  return pattern.test(value);
}

/** `validation.RegexError`. */
function formatError(message: string, format: string, ...examples: string[]): string {
  const eg = examples.map((example) => `'${example}', `).join(' or ');
  return examples.length === 0
    ? `${message} (regex used for validation is '${format}')`
    : `${message} (e.g. ${eg}regex used for validation is '${format}')`;
}

/** UTF-8 length without making the bytes. */
export function byteLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xdc00 ? (i++, 4) : 3;
  }
  return length;
}

export const maxLengthError = (length: number): string => `must be no more than ${length} bytes`;
export const emptyError = 'must be non-empty';
export const rangeError = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

export function isDns1123Label(value: string): string[] {
  const errors = byteLength(value) > 63 ? [maxLengthError(63)] : [];
  if (!matches(dns1123Label, value)) {
    // A name that would do as a subdomain gets the shorter hint.
    errors.push(
      matches(dns1123Subdomain, value)
        ? 'must not contain dots'
        : formatError(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            dns1123Label,
            'my-name',
            '123-abc',
          ),
    );
  }
  return errors;
}

export function isDns1123Subdomain(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthError(253)] : [];
  if (!matches(dns1123Subdomain, value)) {
    errors.push(
      formatError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        dns1123Subdomain,
        'example.com',
      ),
    );
  }
  return errors;
}

export function isWildcardDns1123Subdomain(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthError(253)] : [];
  if (!matches(wildcardSubdomain, value)) {
    errors.push(
      formatError(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        wildcardSubdomain,
        '*.example.com',
      ),
    );
  }
  return errors;
}

export function isDns1035Label(value: string): string[] {
  const errors = byteLength(value) > 63 ? [maxLengthError(63)] : [];
  if (!matches(dns1035Label, value)) {
    errors.push(
      formatError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        dns1035Label,
        'my-name',
        'abc-123',
      ),
    );
  }
  return errors;
}

const qualifiedNameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** A label or annotation key, a resource name: `[prefix/]name`. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  const errors: string[] = [];
  if (parts.length > 2) {
    const error = formatError(qualifiedNameMessage, qualifiedName, 'MyName', 'my.name', '123-abc');
    return [`a qualified name ${error} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1)!;
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') errors.push(`prefix part ${emptyError}`);
    else errors.push(...isDns1123Subdomain(prefix).map((error) => `prefix part ${error}`));
  }
  if (name === '') errors.push(`name part ${emptyError}`);
  else if (byteLength(name) > 63) errors.push(`name part ${maxLengthError(63)}`);
  if (!matches(qualifiedName, name)) {
    errors.push(`name part ${formatError(qualifiedNameMessage, qualifiedName, 'MyName', 'my.name', '123-abc')}`);
  }
  return errors;
}

export function isValidLabelValue(value: string): string[] {
  const errors = byteLength(value) > 63 ? [maxLengthError(63)] : [];
  if (!matches(labelValue, value)) {
    errors.push(
      formatError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        labelValue,
        'MyValue',
        'my_value',
        '12345',
      ),
    );
  }
  return errors;
}

/** The key of a ConfigMap or Secret: a file name. */
export function isConfigMapKey(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthError(253)] : [];
  if (!matches(configMapKey, value)) {
    errors.push(
      formatError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configMapKey,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** Environment variable names are any printable ASCII without `=` since 1.34. */
export function isEnvVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${emptyError}`];
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function isHttpHeaderName(value: string): string[] {
  if (matches(httpHeaderName, value)) return [];
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [formatError(message, httpHeaderName, 'X-Header-Name')];
}

export function isValidPercent(value: string): string[] {
  if (matches(percent, value)) return [];
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return [formatError(message, percent, '1%', '93%')];
}

export function isValidPortNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : [rangeError(1, 65535)];
}

/** IANA service name rules for a port name. */
export function isValidPortName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(maxLengthError(15));
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** One path segment of a URL: what RBAC objects and a few others may be called. */
export function isPathSegmentName(value: string): string[] {
  if (value === '.') return ["may not be '.'"];
  if (value === '..') return ["may not be '..'"];
  return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
}

/** A domain-prefixed path such as a signer name or a finalizer. */
export function isDomainPrefixedPath(value: string): string[] {
  if (value === '') return [emptyError];
  const slash = value.indexOf('/');
  if (slash < 0 || slash === value.length - 1) {
    return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  }
  return isDns1123Subdomain(value.slice(0, slash)).map((error) => `prefix part ${error}`);
}
