/** Attributes that hold addresses, by element (k8s.io/apimachinery/pkg/util/proxy). */
const attributes: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** An address of a proxied page: absolute paths on the same host get the proxy's path before them. */
export function rewriteUrl(text: string, prefix: string, host: string): string {
  const parts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(text);
  if (!parts) return text;
  const [, , authority, path = '', query = '', fragment = ''] = parts;
  const elsewhere = authority !== undefined && authority !== '' && authority !== host;
  if (elsewhere || !path.startsWith('/') || path.startsWith(`${prefix}/`)) return text;
  return `${prefix}${path}${query}${fragment}`;
}

/** A page with the addresses of its start tags rewritten. */
export function rewriteHtml(html: string, prefix: string, host: string): string {
  return html.replace(/<([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>/g, (tag, name: string, rest: string) => {
    const names = attributes[name.toLowerCase()];
    if (!names) return tag;
    const changed = rest.replace(
      /([a-zA-Z-]+)(\s*=\s*)("([^"]*)"|'([^']*)')/g,
      (whole: string, key: string, equals: string, _quoted: string, double?: string, single?: string) =>
        names.includes(key.toLowerCase())
          ? `${key}${equals}"${rewriteUrl(double ?? single ?? '', prefix, host)}"`
          : whole,
    );
    return `<${name}${changed}>`;
  });
}
