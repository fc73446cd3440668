import { describe, expect, it } from 'vitest';
import { filesOf, recognise } from './recognise.ts';
import { goHello } from './go-hello.ts';
import { lessonApps } from './registry.ts';

describe('programs of the lessons', () => {
  it.each(lessonApps.map((a) => [a.name, a] as const))('%s is recognised', (_, app) => {
    const files = filesOf(app);
    expect(files[app.main]).not.toContain('«');
    expect(recognise(files[app.main]!, app.language)?.app).toBe(app);
  });

  it('may be changed in their texts, not in their structure', () => {
    const source = filesOf(goHello)['main.go']!;
    const edited = source
      .replace('"8080"', '"9090"')
      .replace('Hello from', 'Hi from')
      .replace('func main() {', '// the start\nfunc main() {\n');
    const found = recognise(edited, 'go');
    expect(found?.values.get('port')).toBe('9090');
    expect(found?.values.get('greeting')).toBe('Hi from');
    expect(recognise(source.replace('os.Hostname()', 'os.Getwd()'), 'go')).toBeUndefined();
  });
});
