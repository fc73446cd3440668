export type Schema = Record<string, unknown>;

/** Short texts for `kubectl explain`, by field name; a field means the same wherever it is. */
const descriptions: Readonly<Record<string, string>> = {
  allowedRoutes:
    "Which routes, of which namespaces, may attach to this listener. By default those of the Gateway's own namespace.",
  attachedRoutes: 'How many routes are attached to this listener.',
  backendRefs: 'Where matching requests are sent to, in proportion to the weights.',
  certificateRefs: 'Secrets of type kubernetes.io/tls with the certificates that this listener shows.',
  controllerName: 'The controller that implements Gateways of this class, as a domain-prefixed path. It never changes.',
  filters: 'What is done to requests or responses on their way.',
  from: 'Whose references are trusted.',
  gatewayClassName: 'The class, and by it the controller, of this Gateway.',
  headers: 'Headers that a request must have, all of them.',
  hostname: 'The host that is served, exact or with a leading "*." for all names below. Empty: every host.',
  hostnames: 'Hosts whose requests this route takes. Empty: those of the listener.',
  listeners: 'Ports with the protocol and the hosts that are served there.',
  matches: 'Requests that this rule is for: any one of them is enough.',
  method: 'The HTTP method that a request must have.',
  mode: 'Whether TLS ends here or is passed on as it is.',
  parentRefs: 'Gateways, and their listeners, that this route wants to attach to.',
  path: 'The path that a request must have. By default every path.',
  port: 'A network port.',
  protocol: 'What is spoken on this port: HTTP or HTTPS.',
  queryParams: 'Query parameters that a request must have, all of them.',
  requestHeaderModifier: 'Sets, adds or removes headers of the request.',
  requestRedirect: 'Answers the request with a redirection.',
  responseHeaderModifier: 'Sets, adds or removes headers of the response.',
  rules: 'What to do with which requests. The closest match of all rules is taken, not the first.',
  sectionName: 'One part of the object, e.g. a listener by its name.',
  timeouts: 'How long a request may take.',
  tls: 'How TLS is spoken by this listener.',
  to: 'What may be referred to.',
  urlRewrite: 'Changes host or path of the request before it is sent on.',
  weight: 'The share of requests, in proportion to the sum of all weights. 0: none.',
};

/** The schema with what is known of its fields. */
export function described(schema: Schema): Schema {
  const { properties, items } = schema as { properties?: Record<string, Schema>; items?: Schema };
  return {
    ...schema,
    ...(items ? { items: described(items) } : {}),
    ...(properties
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, own]) => [
              field,
              { ...(descriptions[field] ? { description: descriptions[field] } : {}), ...described(own) },
            ]),
          ),
        }
      : {}),
  };
}
