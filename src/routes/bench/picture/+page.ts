/** Not part of the site's pages: made in the browser, for bench/picture.mjs. */
export const prerender = false;
export const ssr = false;
