import { ValidationPipe, type ValidationError } from '@nestjs/common';
import * as transformerPackage from 'class-transformer';
import * as validatorPackage from 'class-validator';
import { OrielError, pointerToken, type Fault } from '../errors.js';

/** Checks query parameters against a class with class-validator rules; unknown ones are refused, all faults at once. */
export function queryPipe(): ValidationPipe {
  return new ValidationPipe({
    // Given, since Nest would look them up by name, beside the copies in the bundle.
    transformerPackage,
    validatorPackage,
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    exceptionFactory: (errors) =>
      new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', {
        faults: faultsOf(errors),
      }),
  });
}

function faultsOf(errors: readonly ValidationError[]): Fault[] {
  return errors.flatMap(({ property, constraints }) =>
    Object.entries(constraints ?? {}).map(([rule, text]) => ({
      pointer: pointerToken(property),
      detail: rule === 'whitelistValidation' ? `There is no parameter ${property}.` : text,
    })),
  );
}
