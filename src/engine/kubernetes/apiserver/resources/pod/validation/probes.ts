import type { IProbe } from 'kubernetes-models/v1/Probe';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../../apimachinery/field-error.ts';
import { isHttpHeaderName, isValidPortName, isValidPortNumber } from '../../../../apimachinery/names.ts';
import { checkName, checkNonNegative } from '../../common/validate.ts';

/** Probes and life-cycle handlers (validateProbe, validateHandler). */

interface Handler {
  exec?: { command?: readonly string[] };
  httpGet?: { path?: string; port: number | string; scheme?: string; httpHeaders?: readonly { name: string }[] };
  tcpSocket?: { port: number | string };
  grpc?: { port: number };
  sleep?: { seconds: number };
}

/** @param gracePeriodSeconds the Pod's, which a sleep must not exceed */
export function validateHandler(handler: Handler, path: string, gracePeriodSeconds?: number): FieldError[] {
  const errors: FieldError[] = [];
  const kinds = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((kind) => handler[kind]);
  kinds.forEach((kind, i) => {
    const at = `${path}.${kind}`;
    if (i > 0) errors.push(forbidden(at, 'may not specify more than 1 handler type'));
    else errors.push(...validateAction(handler, kind, at, gracePeriodSeconds));
  });
  if (kinds.length === 0) errors.push(required(path, 'must specify a handler type'));
  return errors;
}

function validateAction(handler: Handler, kind: keyof Handler, at: string, gracePeriodSeconds = 30): FieldError[] {
  switch (kind) {
    case 'exec':
      return handler.exec?.command?.length ? [] : [required(`${at}.command`)];
    case 'httpGet':
      return validateHttpGet(handler.httpGet!, at);
    case 'tcpSocket':
      return validatePort(handler.tcpSocket!.port, `${at}.port`);
    case 'grpc':
      return isValidPortNumber(handler.grpc!.port).map((m) => invalid(`${at}.port`, handler.grpc!.port, m));
    case 'sleep': {
      const { seconds } = handler.sleep!;
      if (seconds >= 0 && seconds <= gracePeriodSeconds) return [];
      const message = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`;
      return [invalid(at, seconds, message)];
    }
  }
}

function validateHttpGet(action: NonNullable<Handler['httpGet']>, at: string): FieldError[] {
  const errors: FieldError[] = action.path ? [] : [required(`${at}.path`)];
  errors.push(...validatePort(action.port, `${at}.port`));
  const scheme = action.scheme ?? '';
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') errors.push(notSupported(`${at}.scheme`, scheme, ['HTTP', 'HTTPS']));
  for (const header of action.httpHeaders ?? []) {
    errors.push(...checkName(header.name, `${at}.httpHeaders`, isHttpHeaderName));
  }
  return errors;
}

/** `ValidatePortNumOrName`. */
export function validatePort(port: number | string | undefined, path: string): FieldError[] {
  if (typeof port === 'string') return checkName(port, path, isValidPortName);
  return isValidPortNumber(port ?? 0).map((message) => invalid(path, port ?? 0, message));
}

function validateProbe(probe: IProbe, path: string): FieldError[] {
  const errors = validateHandler(probe, path);
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...checkNonNegative(probe[name], `${path}.${name}`));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  return errors;
}

export function validateLivenessProbe(probe: IProbe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const errors = validateProbe(probe, path);
  if (probe.successThreshold !== 1)
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  return errors;
}

export const validateStartupProbe = validateLivenessProbe;

export function validateReadinessProbe(probe: IProbe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const errors = validateProbe(probe, path);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  }
  return errors;
}
