import type { CriterionResult } from '../../session/protocol.ts';

/** A criterion's message in words: `{name}` is replaced by the parameter of that name. */
export function messageText(messages: Record<string, string>, message: CriterionResult['message']): string | undefined {
  if (!message) return undefined;
  const template = messages[message.key];
  return template?.replace(/\{(\w+)\}/g, (whole, name: string) => String(message.params[name] ?? whole));
}
