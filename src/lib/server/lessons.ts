import type { LessonSource } from '$lib/lesson/types.ts';
import { pages } from './lesson-pages.ts';

/** The lessons, read and rendered while the pages are prerendered: nothing of it reaches the browser but the result. */
export const lessons: LessonSource = pages;
