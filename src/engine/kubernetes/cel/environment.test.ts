import { describe, expect, it } from 'vitest';
import { CelEnvironment } from './environment.ts';
import { toCel } from './values.ts';

const environment = new CelEnvironment(['object']);
const object = toCel({ replicas: 3, memory: '1Gi', ports: [80, 443], name: 'web-1', ip: '10.0.0.7', none: null });
const value = (expression: string) => environment.compile(expression).evaluate({ object });

describe('CEL with the functions of Kubernetes', () => {
  it.each([
    ['object.replicas + 1 == 4', true],
    ['object.ports.isSorted() && object.ports.sum() == 523 && object.ports.max() == 443', true],
    ['object.ports.indexOf(443)', 1n],
    ['sets.contains(object.ports, [80]) && !sets.equivalent(object.ports, [80])', true],
    ["quantity(object.memory).isGreaterThan(quantity('900Mi')) && quantity('1Gi') == quantity('1024Mi')", true],
    ["quantity('500m').add(quantity('1')).asApproximateFloat()", 1.5],
    ["isQuantity('1Gx')", false],
    ["object.name.find('[0-9]+')", '1'],
    ["'a1b22'.findAll('[0-9]+')", ['1', '22']],
    ["cidr('10.0.0.0/8').containsIP(object.ip) && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", true],
    ["cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')", false],
    ["ip('127.0.0.1').isLoopback() && ip('::1').family() == 6", true],
    [
      "url('https://example.com:8080/p?q=1').getHostname() + url('https://example.com:8080/p?q=1').getPort()",
      'example.com8080',
    ],
    ["'%s has %d of %.2f'.format(['a', 2, 1.5])", 'a has 2 of 1.50'],
    ["object.?missing.orValue('x')", 'x'],
    ["object.name.replace('web', 'db').charAt(0)", 'd'],
    ['object.none == null && !has(object.missing)', true],
    ['object.ports.all(i, p, i < 2 && p >= 80)', true],
    ['[1, 2, 3].exists(i, v, i == 2 && v == 3) && ![1, 1].existsOne(i, v, v == 1)', true],
    ['{"a": 1, "b": 2}.all(k, v, k != "" && v > 0)', true],
    ['["x", "y"].transformList(i, v, string(i) + v)', ['0x', '1y']],
    ['{"a": 1, "b": 2}.transformMap(k, v, v > 1, v * 2) == {"b": 4}', true],
    ['["a", "b"].transformMapEntry(i, v, {v: i}) == {"a": 0, "b": 1}', true],
    ['[[1], [2]].all(i, inner, inner.all(j, v, v == i + 1))', true],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  it('speaks of errors as cel-go does', () => {
    expect(() => value('object.missing')).toThrow('no such key: missing');
    expect(() => value('object.ports[9]')).toThrow('index out of bounds: 9');
    expect(() => value("quantity('x')")).toThrow('quantities must match');
    expect(() => environment.compile('1 +\n foo')).toThrow(
      "ERROR: <input>:2:2: undeclared reference to 'foo' (in container '')\n |  foo\n | .^",
    );
  });
});
