import { ApiResponse, type OpenAPIObject } from '@nestjs/swagger';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Responses = Operation['responses'];

/** How a problem is documented as an answer. */
export function problemResponse(description: string): Responses[string] {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** A problem that a handler may answer with, in its own words; what any of them may is added by `withProblems`. */
export function ApiProblem(status: number, description: string): MethodDecorator & ClassDecorator {
  return ApiResponse({ status, ...problemResponse(description) });
}

/** How it is documented that a caller has the answer already. */
export const NOT_MODIFIED = {
  status: 304,
  description: 'The caller has it already: its `If-None-Match` says so.',
};

/** The methods that operations may have. */
export const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'query'] as const;

/**
 * Adds to every operation the problems that it may answer with whatever its handler does; what an operation says itself stays.
 * @param recorded whether requests to a path leave a record, without which they are not answered
 */
export function withProblems(paths: Paths, recorded: (path: string) => boolean): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => {
      const operations = METHODS.flatMap((method) => {
        const operation = (item as Record<string, Operation | undefined>)[method];
        return operation ? [[method, withOwnAndCommon(path, operation, recorded(path))] as const] : [];
      });
      return [path, { ...item, ...Object.fromEntries(operations) }];
    }),
  );
}

function withOwnAndCommon(path: string, operation: Operation, recorded: boolean): Operation {
  const responses: Responses = { ...commonProblems(path, operation, recorded) };
  for (const [status, own] of Object.entries(operation.responses)) {
    const bare = Number(status) >= 400 && own !== undefined && !('content' in own) && !('$ref' in own);
    responses[status] = bare ? { ...own, ...problemResponse(own.description) } : own;
  }
  return { ...operation, responses };
}

function commonProblems(path: string, { requestBody }: Operation, recorded: boolean): Responses {
  const problems: Record<number, string> = {
    400: 'The request cannot be read.',
    414: 'The address, or a part of it, is too long.',
    431: 'The headers are too large.',
    500: 'The server failed; the record of the request says when.',
  };
  if (recorded) problems[503] = 'The server is too busy, or cannot put the answer on record.';
  if (/^\/v[12]\//.test(path)) problems[406] = 'The answer cannot be given in an accepted form.';
  if (path.includes('{') || /^\/v1\/models\/./.test(path)) problems[404] = 'There is no such thing.';
  if (requestBody) {
    problems[408] = 'The request did not come whole in time.';
    problems[413] = 'The body is too long.';
    problems[415] = 'The body is of a kind, or in a coding, that is not taken here.';
  }
  return Object.fromEntries(
    Object.entries(problems).map(([status, description]) => [status, problemResponse(description)]),
  );
}
