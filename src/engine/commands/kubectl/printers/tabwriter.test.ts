import { expect, test } from 'vitest';
import { alignColumns, TabWriter } from './tabwriter.ts';

test('columns are runs of lines that have a cell in them', () => {
  expect(alignColumns('a\tb\tc\nlonger\tb\tc\n')).toBe('a       b  c\nlonger  b  c\n');
  expect(alignColumns('Name:\tx\nHead:\n  Type\tStatus\n  LongType\tTrue\n')).toBe(
    'Name:  x\nHead:\n  Type      Status\n  LongType  True\n',
  );
  expect(alignColumns('a\t\n\tb\tc\n')).toBe('a  \n   b  c\n');
});

test('widths can be kept over a flush', () => {
  const writer = new TabWriter({ minWidth: 6, padding: 3, rememberWidths: true });
  writer.write('NAME\tX\nlong-name\ty\n');
  expect(writer.flush()).toBe('NAME        X\nlong-name   y\n');
  writer.write('a\ty\n');
  expect(writer.flush()).toBe('a           y\n');
});
