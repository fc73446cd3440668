import type { LessonApp } from './app.ts';
import { goHello } from './go-hello.ts';
import { goRecommendations } from './go-recommendations.ts';
import { nodeHello } from './node-hello.ts';
import { pythonCounter } from './python-counter.ts';

/** The programs of the lessons. */
export const lessonApps: readonly LessonApp[] = [goHello, goRecommendations, nodeHello, pythonCounter];
