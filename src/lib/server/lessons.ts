import type { LessonSource } from '$lib/lesson/types.ts';

/**
 * The lessons, read and rendered while the pages are prerendered: nothing of it reaches the browser but the result.
 * `src/lessons/pages.ts` exports `pages: LessonSource`.
 */
const [loader] = Object.values(
  import.meta.glob<LessonSource>('/src/lessons/pages.ts', { import: 'pages', eager: true }),
);

export const lessons: LessonSource = loader ?? {
  catalogue: () => Promise.resolve([]),
  lesson: () => Promise.resolve(undefined),
};
