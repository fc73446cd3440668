import type { HttpResponse } from '../../network/http.ts';
import { invalid as invalidField, type FieldError } from '../apimachinery/field-error.ts';
import { typeForKind } from '../schema/index.ts';
import type { AuthorizationAttributes, Authorizer } from './authorization.ts';
import { decodeObject, parseBody, readBody } from './body.ts';
import { badRequest, invalid, methodNotAllowed } from './errors.ts';
import { isRecord } from './objects.ts';
import type { RestRequest } from './rest.ts';
import { respond } from './responses.ts';
import type { User } from './user.ts';
import { fieldValidation } from './write-options.ts';

/** Kinds that are questions: nothing is stored, the answer is the created object's status. */

type Fields = Record<string, unknown>;

interface Asker {
  user: User;
  authorizer: Authorizer;
  /** Of the request. */
  namespace: string;
  /** The user that a token stands for. */
  userOf(token: string): User | undefined;
}

type Answer = (spec: Fields, asker: Asker) => Fields;

const answers: Readonly<Record<string, Answer>> = {
  selfsubjectaccessreviews: (spec, { user, authorizer }) => {
    validateAccessReview(spec, 'SelfSubjectAccessReview');
    return decision(spec, user, authorizer);
  },
  subjectaccessreviews: (spec, { authorizer }) => {
    validateAccessReview(spec, 'SubjectAccessReview');
    return decision(spec, userIn(spec), authorizer);
  },
  localsubjectaccessreviews: (spec, { authorizer, namespace }) => {
    validateAccessReview(spec, 'LocalSubjectAccessReview');
    const attributes = spec['resourceAttributes'];
    if (!isRecord(attributes) || text(attributes['namespace']) !== namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
    }
    return decision(spec, userIn(spec), authorizer);
  },
  selfsubjectrulesreviews: (spec, { user, authorizer }) => {
    const namespace = text(spec['namespace']);
    if (namespace === '') throw badRequest('no namespace on request');
    return { ...authorizer.rulesFor(user, namespace), incomplete: false };
  },
  selfsubjectreviews: (_spec, { user }) => ({ userInfo: userInfo(user) }),
  tokenreviews: (spec, { userOf }) => {
    const user = userOf(text(spec['token']));
    return user
      ? { authenticated: true, user: userInfo(user), audiences: ['https://kubernetes.default.svc.cluster.local'] }
      : { user: {}, error: 'invalid bearer token' };
  },
};

export function isReview(resource: string): boolean {
  return Object.hasOwn(answers, resource);
}

/** @throws ApiError */
export async function review(
  request: RestRequest,
  verb: string,
  asker: Omit<Asker, 'namespace'>,
): Promise<HttpResponse> {
  if (verb !== 'create') throw methodNotAllowed();
  const { core, served, target, query, http, negotiated, warnings } = request;
  const { kind, resource } = served.definition;
  const { apiVersion } = served;
  const bytes = await readBody(http);
  const body = decodeObject(
    () => parseBody(bytes, http.headers['content-type'], core.protobuf),
    { apiVersion, kind, type: served.type ?? typeForKind(apiVersion, kind) },
    fieldValidation(query, 'CreateOptions'),
    (warning) => void warnings.push(warning),
  );
  const spec = isRecord(body['spec']) ? body['spec'] : {};
  const status = answers[resource]!(spec, { ...asker, namespace: target.namespace ?? '' });
  const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
  const shown = { kind, apiVersion, metadata, ...(resource !== 'selfsubjectreviews' && { spec }), status };
  return respond(201, shown, negotiated, warnings);
}

/** @throws ApiError Invalid */
function validateAccessReview(spec: Fields, kind: string): void {
  const errors: FieldError[] = [];
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (isRecord(resourceAttributes) && isRecord(nonResourceAttributes)) {
    const why = 'cannot be specified in combination with resourceAttributes';
    errors.push(invalidField('spec.nonResourceAttributes', nonResourceAttributes, why));
  }
  if (!isRecord(resourceAttributes) && !isRecord(nonResourceAttributes)) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalidField('spec.resourceAttributes', null, why));
  }
  if (!kind.startsWith('Self') && text(spec['user']) === '' && userIn(spec).groups.length === 0) {
    errors.push(invalidField('spec.user', '', 'at least one of user or group must be specified'));
  }
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind }, '', errors);
}

function decision(spec: Fields, user: User, authorizer: Authorizer): Fields {
  const { allowed, reason } = authorizer.authorize(attributesOf(spec, user));
  return { allowed, ...(reason && { reason }) };
}

function attributesOf(spec: Fields, user: User): AuthorizationAttributes {
  const nonResource = spec['nonResourceAttributes'];
  if (isRecord(nonResource)) return { user, verb: text(nonResource['verb']), path: text(nonResource['path']) };
  const resource = isRecord(spec['resourceAttributes']) ? spec['resourceAttributes'] : {};
  return {
    user,
    verb: text(resource['verb']),
    group: text(resource['group']),
    version: text(resource['version']),
    resource: text(resource['resource']),
    ...(text(resource['subresource']) && { subresource: text(resource['subresource']) }),
    ...(text(resource['namespace']) && { namespace: text(resource['namespace']) }),
    ...(text(resource['name']) && { name: text(resource['name']) }),
  };
}

function userIn(spec: Fields): User {
  const groups = Array.isArray(spec['groups']) ? spec['groups'].filter((g) => typeof g === 'string') : [];
  return { name: text(spec['user']), groups };
}

function userInfo({ name, uid, groups, extra }: User): Fields {
  return { username: name, ...(uid && { uid }), groups, ...(extra && { extra }) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
