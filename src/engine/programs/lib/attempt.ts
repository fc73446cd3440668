import { FsError } from '../../world/index.ts';
import type { Tool } from './tool.ts';

/** Runs `action`; an FsError becomes a complaint with `text` before its message. */
export async function attempt(tool: Tool, text: string, action: () => void): Promise<boolean> {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    await tool.complain(`${text}: ${error.message}`);
    return false;
  }
}
