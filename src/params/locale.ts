import type { ParamMatcher } from '@sveltejs/kit';

/** The base language has no prefix in the address. */
export const match = ((value): value is 'zh-CN' => value === 'zh-CN') satisfies ParamMatcher;
