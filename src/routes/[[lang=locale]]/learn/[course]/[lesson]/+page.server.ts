import { error } from '@sveltejs/kit';
import { localeOfParam, locales } from '$lib/i18n.ts';
import { lessons } from '$lib/server/lessons.ts';
import type { EntryGenerator, PageServerLoad } from './$types';

export const entries: EntryGenerator = async () => {
  const all = await Promise.all(
    locales.map(async ({ locale }) => {
      const courses = await lessons.catalogue(locale);
      const lang = locale === 'en' ? {} : { lang: locale };
      return courses.flatMap((course) =>
        course.lessons.map((lesson) => ({ ...lang, course: course.id, lesson: lesson.id })),
      );
    }),
  );
  return all.flat();
};

export const load: PageServerLoad = async ({ params }) => {
  const lesson = await lessons.lesson(localeOfParam(params.lang), params.course, params.lesson);
  if (!lesson) error(404, `${params.course}/${params.lesson}`);
  return { lesson };
};
