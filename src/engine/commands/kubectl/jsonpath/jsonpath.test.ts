import { expect, test } from 'vitest';
import { JsonPath } from './index.ts';

const data = {
  kind: 'Pod',
  metadata: { annotations: { 'a.b/c': 'it' } },
  spec: { arr: [1, 2, { x: 'y' }], s: 'str', f: 1.5, t: true, empty: {}, nul: null },
};

/** Templates and what kubectl 1.35 prints for them. */
test.each([
  ['{.spec.arr}', '[1,2,{"x":"y"}]'],
  ['{.spec.arr[*]}', '1 2 {"x":"y"}'],
  ['{.spec.arr[-1].x}', 'y'],
  ['{.spec.arr[::2]}', '1 {"x":"y"}'],
  ['{.spec.arr[0,1]}', '1 2'],
  ["{.spec['s','f']}", 'str 1.5'],
  ['{range .spec.arr[*]}[{@}]{end}', '[1][2][{"x":"y"}]'],
  ['{range .spec.nope[*]}x{end}', ''],
  ['{.spec.arr[?(@.x=="y")].x}', 'y'],
  ['{..x}', 'y'],
  ['{.metadata.annotations.a\\.b/c}', 'it'],
  ['{.kind}{"\\t"}{.spec.t}{"\\n"}', 'Pod\ttrue\n'],
  ['{.spec.nul}', 'null'],
  ['a.b', 'a.b'],
])('%s prints %j', (template, text) => {
  expect(new JsonPath(template).print(data)).toBe(text);
});

test.each([
  ['{.spec', 'unclosed action'],
  ['{.spec.arr[0', 'unterminated array'],
  ['{"x', 'unterminated quoted string'],
  ['{.spec.arr[a]}', 'invalid array index a'],
  ['{.spec.arr[5]}', 'array index out of bounds: index 5, length 3'],
  ['{end}', 'not in range, nothing to end'],
  ['{.spec.s[0]}', 'string is not array or slice'],
  ['{foo}', 'unrecognized identifier foo'],
  ['{#}', "unrecognized character in action: U+0023 '#'"],
])('%s fails: %s', (template, message) => {
  expect(() => new JsonPath(template).print(data)).toThrow(message);
});
