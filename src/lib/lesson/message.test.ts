import { expect, test } from 'vitest';
import { messageText } from './message.ts';

test('parameters take their places; unknown ones and unknown messages stay visible or away', () => {
  const messages = { few: '{ready} of {want} Pods, {other}' };
  expect(messageText(messages, { key: 'few', params: { ready: 2, want: 3 } })).toBe('2 of 3 Pods, {other}');
  expect(messageText(messages, { key: 'none', params: {} })).toBeUndefined();
  expect(messageText(messages, undefined)).toBeUndefined();
});
