import { expect, test } from 'vitest';
import { formatDuration, humanDuration, parseDuration } from './duration.ts';
import { parseFieldSelector } from './field-selector.ts';
import { podTemplateHash, safeAlphabet } from './hash.ts';
import { parseImageReference } from './image-reference.ts';
import { scaledValue } from './int-or-string.ts';
import { cidrContains, formatIp, parseCidr, parseIp } from './ip.ts';
import { formatLabelSelector, formatSelector, matchesSelector, parseSelector } from './label-selector.ts';
import { isDns1123Label, isQualifiedName, isValidPortName } from './names.ts';
import { canonicalQuantity, compareQuantities, parseQuantity, quantityMilliValue, quantityValue } from './quantity.ts';

test.each([
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Mi', '512Ki'],
  ['1000', '1k'],
  ['1e3', '1e3'],
  ['1E', '1E'],
  ['12e6', '12e6'],
  ['100.5m', '100500u'],
  ['0.0000000001', '1n'],
  ['1000Ki', '1000Ki'],
  ['512', '512'],
  ['+5', '5'],
  ['-1500m', '-1500m'],
  ['0Gi', '0'],
])('quantity %s is written %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical));

test.each(['1 core', '100mb', '', 'abc', '1.2.3'])('%s is no quantity', (text) => {
  expect(() => parseQuantity(text)).toThrow('quantities must match the regular expression');
});

test('quantity values round up', () => {
  expect(() => parseQuantity('1K')).toThrow("unable to parse quantity's suffix");
  expect(quantityValue('1Gi')).toBe(1073741824);
  expect(quantityValue('100m')).toBe(1);
  expect(quantityMilliValue('1.5')).toBe(1500);
  expect(compareQuantities(parseQuantity('1Gi'), parseQuantity('1G'))).toBe(1);
});

test.each([
  ['env in prod', "unable to parse requirement: found 'prod' expected: '('"],
  ['a,', "found '', expected: identifier after ','"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  [
    'a in ()',
    "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
  ],
])('selector %s is refused', (text, message) => expect(() => parseSelector(text)).toThrow(message));

test('selectors match and are shown', () => {
  const selector = parseSelector('tier notin (b, a),app=web,!old,x');
  expect(formatSelector(selector)).toBe('app=web,!old,tier notin (a,b),x');
  expect(matchesSelector(selector, { app: 'web', x: '' })).toBe(true);
  expect(matchesSelector(selector, { app: 'web', x: '', tier: 'a' })).toBe(false);
  expect(matchesSelector(parseSelector('n>3'), { n: '4' })).toBe(true);
  expect(formatLabelSelector({ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] })).toBe(
    'a,b=1',
  );
  expect(formatLabelSelector({})).toBe('<none>');
  expect(parseFieldSelector('a.b==c,d!=e').map(({ field, value }) => [field, value])).toEqual([
    ['a.b', 'c'],
    ['d', 'e'],
  ]);
  expect(() => parseFieldSelector('abc')).toThrow("invalid selector: 'abc'; can't understand 'abc'");
});

test('durations', () => {
  expect([59_000, 119_000, 125_000, 600_000, 3 * 3600_000, 50 * 3600_000].map(humanDuration)).toEqual([
    '59s',
    '119s',
    '2m5s',
    '10m',
    '3h',
    '2d2h',
  ]);
  expect(parseDuration('1h30m0.5s')).toBe(5_400_500);
  expect(formatDuration(5_400_500)).toBe('1h30m0.5s');
  expect(() => parseDuration('5')).toThrow('time: missing unit in duration "5"');
  expect(() => parseDuration('abc')).toThrow('time: invalid duration "abc"');
});

test('names', () => {
  expect(isDns1123Label('a.b')).toEqual(['must not contain dots']);
  expect(isQualifiedName('example.com/x')).toEqual([]);
  expect(isQualifiedName('a/b/c')[0]).toContain('with an optional DNS subdomain prefix');
  expect(isValidPortName('80')).toEqual(['must contain at least one letter (a-z)']);
});

test('hashes use the safe alphabet and ignore key order', () => {
  const hash = podTemplateHash({ a: 1, b: { c: 2 } });
  expect([...hash].every((c) => safeAlphabet.includes(c))).toBe(true);
  expect(podTemplateHash({ b: { c: 2 }, a: 1, d: undefined })).toBe(hash);
  expect(podTemplateHash({ a: 1, b: { c: 2 } }, 1)).not.toBe(hash);
});

test('images, percentages, addresses', () => {
  expect(parseImageReference('nginx')).toMatchObject({ domain: 'docker.io', path: 'library/nginx' });
  expect(parseImageReference('localhost:5000/a/b:1')).toMatchObject({
    domain: 'localhost:5000',
    path: 'a/b',
    tag: '1',
  });
  expect(() => parseImageReference('nginx:a b')).toThrow('invalid reference format');
  expect(() => parseImageReference('a/NGINX')).toThrow(
    'invalid reference format: repository name (a/NGINX) must be lowercase',
  );
  expect([scaledValue('25%', 10, true), scaledValue('25%', 10, false), scaledValue(3, 10, true)]).toEqual([3, 2, 3]);
  expect(formatIp(parseIp('fd00:0:0::1')!)).toBe('fd00::1');
  expect(formatIp(parseIp('10.96.0.1')!)).toBe('10.96.0.1');
  expect(parseIp('10.96.0.01')).toBeUndefined();
  expect(cidrContains(parseCidr('10.96.0.0/16')!, parseIp('10.96.3.4')!)).toBe(true);
});
