// @vitest-environment node
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { apiResources, structType, structTypeNames, type FieldType } from './index.ts';
import { writeSchema } from '../../../../scripts/generate-schema.mjs';

test('generating again gives what is checked in', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'schema-'));
  writeSchema(directory);
  for (const file of ['structure.json', 'descriptions.json', 'resources.json']) {
    const checkedIn = readFileSync(new URL(`./generated/${file}`, import.meta.url), 'utf8');
    expect(readFileSync(path.join(directory, file), 'utf8') === checkedIn, file).toBe(true);
  }
  rmSync(directory, { recursive: true });
});

test('every type that is referred to exists, and every notation is understood', () => {
  const check = (type: FieldType, where: string): void => {
    expect(type.kind, where).toBeTruthy();
    if (type.kind === 'list' || type.kind === 'map') check(type.items, where);
    else if (type.kind === 'struct') expect(type.struct, where).toBeDefined();
  };
  for (const name of structTypeNames()) {
    for (const field of structType(name)!.fields.values()) check(field.type, `${name}.${field.name}`);
  }
});

test('list keys and merge keys name fields of the items', () => {
  for (const name of structTypeNames()) {
    for (const field of structType(name)!.fields.values()) {
      const items =
        field.type.kind === 'list' && field.type.items.kind === 'struct' ? field.type.items.struct : undefined;
      for (const key of [...(field.listKeys ?? []), field.patchMergeKey || undefined]) {
        if (key !== undefined) expect(items?.fields.has(key), `${name}.${field.name} by ${key}`).toBe(true);
      }
    }
  }
});

test('the resources of 1.35 are served', () => {
  expect(apiResources).toHaveLength(66);
  expect(apiResources.map((r) => r.kind)).not.toContain('MutatingAdmissionPolicy');
});
