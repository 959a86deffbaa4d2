/** Reads the few instructions that our Dockerfile has. */
export interface Instruction {
  name: string;
  /** What stands after it, on one line. */
  rest: string;
}

export interface Stage {
  from: string;
  as: string;
  instructions: Instruction[];
}

/** @throws Error for an instruction before the first stage that is no ARG */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Stage[] = [];
  const args = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', given = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const rest =
      name === 'FROM' ? given.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? '') : given;
    const stage = stages.at(-1);
    if (name === 'FROM') {
      const [from = '', , as = ''] = rest.split(/\s+/);
      stages.push({ from, as, instructions: [] });
    } else if (stage) stage.instructions.push({ name, rest });
    else if (name === 'ARG') args.set(...(rest.split('=') as [string, string]));
    else throw new Error(`${name} stands before the first FROM`);
  }
  return stages;
}

export function allOf({ instructions }: Stage, name: string): string[] {
  return instructions.filter((one) => one.name === name).map(({ rest }) => rest);
}

export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = allOf(stage, 'ENV').flatMap((rest) => rest.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

/** What must hold of the last stage. @returns a sentence for each thing that does not */
export function faultsOf(stages: readonly Stage[]): string[] {
  const last = stages.at(-1);
  if (!last || stages.length < 2) return ['There is one stage only: what builds would be in the image.'];
  const [user = ''] = allOf(last, 'USER');
  const runs = allOf(last, 'RUN').join('\n');
  const required = ['HEALTHCHECK', 'STOPSIGNAL', 'ENTRYPOINT', 'EXPOSE', 'VOLUME', 'LABEL'];
  return [
    ...(/^[1-9]\d*:[1-9]\d*$/.test(user) ? [] : ['USER is not numeric, or root.']),
    ...(/apt|npm|curl|wget/.test(runs) ? ['The last stage installs something.'] : []),
    ...required.filter((name) => allOf(last, name).length === 0).map((name) => `There is no ${name}.`),
    ...allOf(last, 'COPY')
      .filter((rest) => !rest.startsWith('--from='))
      .map((rest) => `The last stage copies from the project itself: ${rest}.`),
  ];
}
