import { describe, expect, it } from 'vitest';
import { displayPorts, type PortRow } from './container/display-ports.ts';
import { containerList, type ContainerRow } from './container/list-format.ts';
import { formatList, naturalLess } from './framework/format.ts';
import { historyList } from './image/history.ts';
import { imageList, namedImages } from './image/list-format.ts';

/** What conformance/docker/recordings/docker__format-probes.json shows, with API answers made for it. */
const now = Date.UTC(2026, 10, 22, 18, 22, 50);

const published = (ip: string, host: number, container: number, type = 'tcp'): PortRow => ({
  IP: ip,
  PrivatePort: container,
  PublicPort: host,
  Type: type,
});
const exposed = (port: number, type = 'tcp'): PortRow => ({ PrivatePort: port, Type: type });

const row = (more: Partial<ContainerRow>): ContainerRow => ({
  Id: '01'.repeat(32),
  Names: ['/c0'],
  Image: 'busybox',
  ImageID: `sha256:${'aa'.repeat(32)}`,
  Command: 'sh',
  Created: now / 1000 - 10,
  Ports: [],
  Labels: {},
  State: 'running',
  Status: 'Up 10 seconds',
  ...more,
});

describe('PORTS', () => {
  it.each<[PortRow[], string]>([
    [[], ''],
    [[exposed(80)], '80/tcp'],
    [[published('0.0.0.0', 8080, 80), published('::', 8080, 80)], '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp'],
    [[0, 1, 2, 3].map((n) => published('0.0.0.0', 9000 + n, 9000 + n)), '0.0.0.0:9000-9003->9000-9003/tcp'],
    [
      [0, 1, 2].map((n) => published('0.0.0.0', 9001 + n, 9000 + n)),
      '0.0.0.0:9001->9000/tcp, 0.0.0.0:9002->9001/tcp, 0.0.0.0:9003->9002/tcp',
    ],
    [[exposed(3000), exposed(4000), exposed(4001), exposed(4002)], '3000/tcp, 4000-4002/tcp'],
    [[exposed(443), published('0.0.0.0', 8080, 80)], '443/tcp, 0.0.0.0:8080->80/tcp'],
    [
      [8000, 8001, 8002, 8005, 8006, 8009].map((n) => published('0.0.0.0', n, n)),
      '0.0.0.0:8000-8002->8000-8002/tcp, 0.0.0.0:8005-8006->8005-8006/tcp, 0.0.0.0:8009->8009/tcp',
    ],
  ])('%#', (ports, text) => expect(displayPorts(ports)).toBe(text));
});

describe('COMMAND', () => {
  it.each([
    ['nginx -g "daemon off;"', '"nginx -g \\"daemon of…"'],
    ["nginx -g 'daemon off;'", '"nginx -g \'daemon of…"'],
    ['12345678901234567890', '"12345678901234567890"'],
    ['a b c d e f g h i j k l m n o p', '"a b c d e f g h i j…"'],
    ['tab\tnew\nline', '"tab\\tnew\\nline"'],
    ['üñïçødé wörds längër thân twenty', '"üñïçødé wörds längë…"'],
    ['', '""'],
  ])('%j', (command, shown) => {
    expect(formatList(containerList(now, true, false), [row({ Command: command })], { format: '{{.Command}}' })).toBe(
      `${shown}\n`,
    );
  });
});

describe('docker ps', () => {
  it('drops names that links gave, unless nothing is shortened', () => {
    const rows = [row({ Names: ['/web', '/other/alias', '/x/web'] })];
    const names = (trunc: boolean) => formatList(containerList(now, trunc, false), rows, { format: '{{.Names}}' });
    expect([names(true), names(false)]).toEqual(['web\n', 'web,other/alias,x/web\n']);
  });

  it('has columns of ten at least, the last one as long as it is', () => {
    expect(formatList(containerList(now, true, false), [], {})).toBe(
      'CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n',
    );
  });

  it('shortens mounts, sorts labels, shows sizes', () => {
    const rows = [
      row({
        Mounts: [{ Name: 'f'.repeat(64), Driver: 'local' }, { Source: '/home/user/projects/x' }],
        Labels: { b: '2', a: '1' },
        SizeRw: 12_345,
        SizeRootFs: 7_654_321,
      }),
    ];
    expect(
      formatList(containerList(now, true, true), rows, {
        format: '{{.Mounts}}|{{.Labels}}|{{.LocalVolumes}}|{{.Size}}',
      }),
    ).toBe('ffffffffffffff…,/home/user/pro…|a=1,b=2|1|12.3kB (virtual 7.65MB)\n');
  });

  it('says what is wrong with a template', () => {
    const list = containerList(now, true, false);
    expect(() => formatList(list, [row({})], { format: '{{.Foo}}' })).toThrow(
      'failed to execute template: template: :1:2: executing "" at <.Foo>: can\'t evaluate field Foo in type *formatter.ContainerContext',
    );
    expect(() => formatList(list, [], { format: '{{.Names}' })).toThrow(
      "failed to parse template: template: :1: bad character U+007D '}'",
    );
  });

  it('takes labels by name', () => {
    expect(
      formatList(containerList(now, true, false), [row({ Labels: { app: 'web' } })], {
        format: 'table {{.Label "app"}}\\t{{.Names}}',
      }),
    ).toBe('app       NAMES\nweb       c0\n');
  });
});

describe('docker images', () => {
  it('has a row for each name, and for digests without a tag', () => {
    const image = (more: object) => ({
      Id: `sha256:${'01'.repeat(32)}`,
      RepoTags: [],
      RepoDigests: [],
      Created: now / 1000 - 5 * 86_400,
      Size: 5,
      ...more,
    });
    const rows = namedImages(
      [image({ RepoDigests: [`foo@sha256:${'a'.repeat(64)}`] }), image({}), image({ RepoTags: ['b:1', 'b:0', 'a:2'] })],
      false,
    );
    expect(formatList(imageList(now, true, false), rows, { format: '{{.Repository}}:{{.Tag}}' })).toBe(
      'foo:<none>\n<none>:<none>\nb:1\nb:0\na:2\n',
    );
  });
});

describe('docker history', () => {
  it('cuts commands at 45, keeps line feeds, and knows no age of what has none', () => {
    const step = (more: object) => ({
      Id: '<missing>',
      Created: now / 1000 - 3 * 86_400,
      CreatedBy: '',
      Size: 0,
      Comment: '',
      ...more,
    });
    const text = formatList(
      historyList(now, true, true),
      [
        step({ CreatedBy: 'x'.repeat(45), Size: 999_999 }),
        step({ CreatedBy: `${'y'.repeat(46)}`, Size: 1000 }),
        step({ Created: 0, CreatedBy: 'ADD\ttab here', Size: 1 }),
      ],
      { format: '{{.CreatedSince}}|{{.CreatedBy}}|{{.Size}}' },
    );
    expect(text).toBe(`3 days ago|${'x'.repeat(45)}|1e+03kB\n3 days ago|${'y'.repeat(44)}…|1kB\nN/A|ADD tab here|1B\n`);
  });
});

describe('names', () => {
  it('sort with numbers as numbers', () => {
    expect(['web10', 'bridge', 'none', 'Bridge', 'web9', 'app_default'].sort(naturalLess)).toEqual([
      'Bridge',
      'app_default',
      'bridge',
      'none',
      'web9',
      'web10',
    ]);
  });
});
