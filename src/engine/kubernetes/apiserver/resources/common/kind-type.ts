import type { KubeObject } from '../../../types.ts';

/** A stored object of a generated model type, with fields that are always present. */
export type Kind<T, Present extends keyof T = never> = Omit<T, 'metadata' | 'apiVersion' | 'kind' | Present> &
  KubeObject & { [K in Present]-?: NonNullable<T[K]> };
