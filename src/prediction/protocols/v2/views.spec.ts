import { readFileSync } from 'node:fs';
import { SERVER } from './views.js';

describe('SERVER', () => {
  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(SERVER.version).toBe(version);
  });
});
