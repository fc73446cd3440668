import { localeOfParam } from '$lib/i18n.ts';
import { overwriteGetLocale } from '$lib/paraglide/runtime.js';

overwriteGetLocale(() => localeOfParam(document.documentElement.lang));
