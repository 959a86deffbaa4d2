import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '../../config/settings.js';
import { AuditPolicy } from './policy.js';
import { readPolicy } from './policy-file.js';
import { DEFAULT_RULES } from './rules.js';

/** Gives the audit policy, compiled once, to who asks for it. */
@Global()
@Module({})
export class AuditPolicyModule {
  /** @throws SettingsError when ORIEL_AUDIT_POLICY names no policy; nothing has been started then */
  static with({ auditPolicy, auditPayloadLimit }: Settings): DynamicModule {
    const rules = auditPolicy === '' ? DEFAULT_RULES : readPolicy(auditPolicy);
    return {
      module: AuditPolicyModule,
      providers: [{ provide: AuditPolicy, useValue: new AuditPolicy(rules, auditPayloadLimit) }],
      exports: [AuditPolicy],
    };
  }
}
