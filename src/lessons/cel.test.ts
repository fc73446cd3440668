import { describe, expect, it } from 'vitest';
import { celHolds, celValue, parseCel } from './cel.ts';

const variables = { object: { spec: { containers: [{ name: 'web', env: [] }] }, status: { ready: 2n } } };

describe('CEL in lessons', () => {
  it('takes a missing field for false, and for no value', () => {
    expect(celHolds('object.status.ready == 2', variables)).toBe(true);
    expect(celHolds('object.status.absent == 2', variables)).toBe(false);
    expect(celValue('object.status.absent', variables)).toBeUndefined();
    expect(celValue('object.status.ready', variables)).toBe(2);
  });

  it('refuses what the library would only fail at later', () => {
    expect(() => parseCel('has(object.spec.containers[0].env)')).toThrow('use "name" in list[0]');
    expect(celHolds('"env" in object.spec.containers[0]', variables)).toBe(true);
    expect(celHolds('has(object.spec.containers) && !("image" in object.spec.containers[0])', variables)).toBe(true);
  });
});
