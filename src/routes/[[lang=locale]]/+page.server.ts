import { localeOfParam } from '$lib/i18n.ts';
import { lessons } from '$lib/server/lessons.ts';
import type { EntryGenerator, PageServerLoad } from './$types';

export const entries: EntryGenerator = () => [{}, { lang: 'zh-CN' }];

export const load: PageServerLoad = async ({ params }) => ({
  courses: await lessons.catalogue(localeOfParam(params.lang)),
});
