import { resolve } from '$app/paths';
import { getLocale } from './paraglide/runtime.js';

export { getLocale };
export * as m from './paraglide/messages.js';

export type Locale = 'en' | 'zh-CN';

export const locales: readonly { locale: Locale; name: string }[] = [
  { locale: 'en', name: 'English' },
  { locale: 'zh-CN', name: '简体中文' },
];

/** The language of a page from the optional first part of its path. */
export const localeOfParam = (lang: string | undefined): Locale => (lang === 'zh-CN' ? 'zh-CN' : 'en');

const paramOf = (locale: Locale) => (locale === 'en' ? undefined : locale);

/** Addresses of the pages, in the language of the page that links to them. */
export const homePath = (locale: Locale = getLocale()) => resolve('/[[lang=locale]]', { lang: paramOf(locale) });

export const sandboxPath = (locale: Locale = getLocale()) =>
  resolve('/[[lang=locale]]/sandbox', { lang: paramOf(locale) });

export const lessonPath = (course: string, lesson: string, locale: Locale = getLocale()) =>
  resolve('/[[lang=locale]]/learn/[course]/[lesson]', { lang: paramOf(locale), course, lesson });

/** The same page in another language; `lang` in the address makes the choice stick. */
export function pathInLanguage(params: Partial<Record<string, string>>, route: string | null, to: Locale): string {
  const { course, lesson } = params;
  const path =
    course && lesson ? lessonPath(course, lesson, to) : route?.endsWith('/sandbox') ? sandboxPath(to) : homePath(to);
  return `${path}?lang=${to}`;
}
