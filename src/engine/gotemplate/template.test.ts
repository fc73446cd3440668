import { describe, expect, test } from 'vitest';
import { executeTemplate, sprintf, Template } from './index.ts';

const run = (source: string, data: unknown = {}, options = {}) => executeTemplate('output', source, data, options);

describe('text/template', () => {
  test.each<[string, unknown, string]>([
    ['{{.a.b}} {{.x}} {{len .l}}', { a: { b: 1 }, l: [1, 2] }, '1 <no value> 2'],
    ['{{range $i, $e := .l}}{{if $i}}, {{end}}{{$e}}{{else}}none{{end}}', { l: ['a', 'b'] }, 'a, b'],
    ['{{range .l}}{{.}}{{else}}none{{end}}', {}, 'none'],
    ['{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}', { m: { b: 2, a: 1 } }, 'a=1;b=2;'],
    ['{{with .a}}{{.b}}{{else}}no{{end}}', { a: { b: 'x' } }, 'x'],
    ['{{if eq .a "x"}}1{{else if eq .a "y"}}2{{else}}3{{end}}', { a: 'y' }, '2'],
    ['a {{- " b " -}} c', {}, 'a b c'],
    ['{{/* note */}}x{{- /* y */ -}} z', {}, 'xz'],
    ['{{define "t"}}<{{.}}>{{end}}{{template "t" .a}}', { a: 'v' }, '<v>'],
    ['{{block "b" .a}}[{{.}}]{{end}}', { a: 'v' }, '[v]'],
    [
      '{{range .l}}{{if eq . "b"}}{{continue}}{{end}}{{if eq . "d"}}{{break}}{{end}}{{.}}{{end}}',
      { l: [...'abcde'] },
      'ac',
    ],
    ['{{$x := 1}}{{range .l}}{{$x = .}}{{end}}{{$x}}', { l: ['p', 'q'] }, 'q'],
    ['{{printf "%s-%03d|%-5s|%q" .a 7 "x" "y"}}', { a: 'b' }, 'b-007|x    |"y"'],
    [
      '{{.m}} {{.l}} {{.f}} {{.n}}',
      { m: { b: 1, a: [1, 'x'] }, l: ['a', 'b'], f: 1000000, n: 1.5 },
      'map[a:[1 x] b:1] [a b] 1e+06 1.5',
    ],
    ['{{index .l 1}} {{index .m "k" 0}} {{slice "hello" 1 3}}', { l: ['a', 'b'], m: { k: [9] } }, 'b 9 el'],
    ['{{and 1 0}} {{or 0 "x"}} {{not true}}', {}, '0 x false'],
    ['{{"<a&b>" | html}} {{urlquery "a b&c"}} {{js "it\'s"}}', {}, "&lt;a&amp;b&gt; a+b%26c it\\'s"],
    ['{{range 3}}{{.}}{{end}}', {}, '012'],
    ['{{(index .l 0).name}}', { l: [{ name: 'n' }] }, 'n'],
    ['{{println "a" 1 true}}', {}, 'a 1 true\n'],
    ['{{lt 1 2}} {{ge "b" "a"}} {{ne 1 2}}', {}, 'true true true'],
  ])('%s', (source, data, expected) => expect(run(source, data)).toBe(expected));

  test.each<[string, unknown, string]>([
    [
      '{{.a.b}}',
      { a: 'x' },
      `template: output:1:4: executing "output" at <.a.b>: can't evaluate field b in type interface {}`,
    ],
    ['{{nope}}', {}, 'template: output:1: function "nope" not defined'],
    ['{{.a', {}, 'template: output:1: unclosed action'],
    ['{{if .a}}x', {}, 'template: output:1: unexpected EOF'],
    ['x{{end}}', {}, 'template: output:1: unexpected {{end}}'],
    ['{{$x}}', {}, 'template: output:1: undefined variable "$x"'],
    ['{{if}}{{end}}', {}, 'template: output:1: missing value for if'],
    [
      '{{index .l 5}}',
      { l: [1] },
      'template: output:1:2: executing "output" at <index .l 5>: error calling index: index out of range: 5',
    ],
    [
      '{{eq .r 3}}',
      { r: 3 },
      'template: output:1:2: executing "output" at <eq .r 3>: error calling eq: incompatible types for comparison: float64 and int',
    ],
    [
      '{{template "t"}}',
      {},
      'template: output:1:11: executing "output" at <{{template "t"}}>: template "t" not defined',
    ],
    [
      '{{range .a}}{{end}}',
      { a: 5.5 },
      `template: output:1:8: executing "output" at <.a>: range can't iterate over 5.5`,
    ],
    ['{{break}}', {}, 'template: output:1: {{break}} outside {{range}}'],
    ['{{len 3}}', {}, 'template: output:1:2: executing "output" at <len 3>: error calling len: len of type int'],
  ])('%s fails', (source, data, message) => {
    let text = '';
    try {
      run(source, data);
    } catch (error) {
      text = (error as Error).message;
    }
    expect(text).toBe(message);
  });

  test('missing keys', () => {
    expect(() => run('{{.x}}', {}, { missingKey: 'error' })).toThrow('map has no entry for key "x"');
    expect(() => run('{{.x.y}}', {}, { missingKey: 'zero' })).toThrow('nil pointer evaluating interface {}.y');
  });

  test('functions of the caller', () => {
    const functions = { twice: { arity: [1, 1], parameters: ['string'], call: (s: string) => s + s } } as const;
    expect(new Template('t', { functions }).parse('{{"a" | twice}}').execute({})).toBe('aa');
    expect(() => run('{{twice 1}}', {}, { functions })).toThrow('wrong type for value; expected string; got int');
  });
});

test('fmt', () => {
  expect(sprintf('%5.2f|%-10s|%x|%t|%T|%v', 3.14159, 'ab', 255n, true, [], null)).toBe(
    ' 3.14|ab        |ff|true|[]interface {}|<nil>',
  );
  expect(sprintf('%d %s', 'x')).toBe('%!d(string=x) %!s(MISSING)');
  expect(sprintf('a', 1n)).toBe('a%!(EXTRA int=1)');
  expect(sprintf('%#v', { a: 'b' })).toBe('map[string]interface {}{"a":"b"}');
  expect(sprintf('%+d %08.3f %e %g', 5n, 3.14159, 12345.678, 1e21)).toBe('+5 0003.142 1.234568e+04 1e+21');
});
