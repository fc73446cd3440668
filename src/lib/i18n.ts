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
export function pathInLanguage(url: URL, from: Locale, to: Locale, base: string): string {
  const bare = url.pathname.slice(base.length);
  const path = from === 'en' ? bare : bare.slice(from.length + 1);
  const prefix = to === 'en' ? '' : `/${to}`;
  return `${base}${prefix}${path === '/' && prefix ? '' : path || '/'}?lang=${to}`;
}
