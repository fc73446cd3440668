import { forbidden, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';

const known = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export const accessModes = {
  validate(modes: readonly string[] | undefined, path: string): FieldError[] {
    if (!modes?.length) return [required(path, 'at least 1 access mode is required')];
    const errors = modes.filter((mode) => !known.includes(mode)).map((mode) => notSupported(path, mode, known));
    if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
      errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
    }
    return errors;
  },
};
