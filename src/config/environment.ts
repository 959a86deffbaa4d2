/** What a process that is started for a task of its own gets of the environment: no settings of Oriel, and so none of its secrets. */
export function childEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(
    ([name]) => !name.startsWith('ORIEL_') && name !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(inherited);
}
