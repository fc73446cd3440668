import type { LessonApp } from './app.ts';
import { lessonApps } from './registry.ts';
import { matchSource, plainSource, type Language } from './source.ts';

/** The lesson's program that a source is, with the values at the places that may be changed. */
export function recognise(
  source: string,
  language: Language,
): { app: LessonApp; values: Map<string, string> } | undefined {
  for (const app of lessonApps) {
    if (app.language !== language) continue;
    const values = matchSource(app.files[app.main]!, source, language);
    if (values) return { app, values };
  }
  return undefined;
}

/** A lesson program's files, as learners get them. */
export function filesOf(app: LessonApp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(app.files).map(([path, text]) => [path, path === app.main ? plainSource(text) : text]),
  );
}
