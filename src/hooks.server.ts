import { base } from '$app/paths';
import { getRequestEvent } from '$app/server';
import { localeOfParam } from '$lib/i18n.ts';
import { overwriteGetLocale } from '$lib/paraglide/runtime.js';
import type { Handle } from '@sveltejs/kit';

overwriteGetLocale(() => localeOfParam(getRequestEvent().params.lang));

export const handle: Handle = ({ event, resolve }) =>
  resolve(event, {
    transformPageChunk: ({ html }) =>
      html.replace('%slipway.lang%', localeOfParam(event.params.lang)).replace('%slipway.base%', base),
  });
