import {
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
  type ValidationError,
} from '@nestjs/common';
import * as transformerPackage from 'class-transformer';
import * as validatorPackage from 'class-validator';
import { OrielError, pointerToken, type Fault } from '../errors.js';

/**
 * Checks query parameters against a class with class-validator rules: unknown ones are refused, and all that are wrong are
 * named at once, each with its first fault. The rule nearest the property is held first, so that is where its type belongs.
 */
export function queryPipe(): ValidationPipe {
  return new QueryPipe({
    // Given, since Nest would look them up by name, beside the copies in the bundle.
    transformerPackage,
    validatorPackage,
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    stopAtFirstError: true,
    exceptionFactory: (errors) => refusal(faultsOf(errors)),
  });
}

/** For what takes no query parameters: each that is given is refused by its name, since who gives one means something by it. */
export function noParameters(): PipeTransform {
  return {
    transform: (value: unknown): unknown => {
      const names = Object.keys(value ?? {});
      if (names.length > 0) throw refusal(names.map(unknownParameter));
      return value;
    },
  };
}

class QueryPipe extends ValidationPipe {
  /** class-transformer passes over the names that every object has (`__proto__`, `constructor`, …); none is a parameter. */
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const passedOver = Object.keys(value ?? {})
      .filter((name) => name in Object.prototype)
      .map(unknownParameter);
    const rest = super.transform(value, metadata) as Promise<unknown>;
    if (passedOver.length === 0) return rest;
    const others = await rest.then(
      () => [],
      (error: unknown) => {
        if (error instanceof OrielError) return error.faults;
        throw error;
      },
    );
    throw refusal([...passedOver, ...others]);
  }
}

function refusal(faults: readonly Fault[]): OrielError {
  return new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', { faults });
}

function faultsOf(errors: readonly ValidationError[]): Fault[] {
  return errors.flatMap(({ property, constraints }) =>
    Object.entries(constraints ?? {}).map(([rule, text]) =>
      rule === 'whitelistValidation'
        ? unknownParameter(property)
        : { pointer: pointerToken(property), detail: text },
    ),
  );
}

function unknownParameter(name: string): Fault {
  return { pointer: pointerToken(name), detail: `There is no parameter ${name}.` };
}
