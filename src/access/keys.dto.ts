import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ROLES, type Role } from '../http/areas.js';
import { A_TIME } from '../http/time-docs.js';
import { MAX_PATTERN, MAX_PATTERNS, NAME_PATTERN } from './key-body.js';

const PATTERNS = {
  type: 'array' as const,
  nullable: true,
  minItems: 1,
  maxItems: MAX_PATTERNS,
  items: { type: 'string' as const, minLength: 1, maxLength: MAX_PATTERN },
  example: ['boston-*'],
};

/** What a key is asked with. What sees all is not held to patterns, so they go with the other roles alone. */
const MEMBERS = {
  name: { type: 'string' as const, pattern: NAME_PATTERN, description: 'What the record calls its owner.' },
  expires: { ...A_TIME, description: 'From then on it is none any more; it must be in the future.' },
};
const rolesOf = (roles: readonly Role[]): object => ({
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { type: 'string', enum: [...roles] },
});

export const KEY_BODY = {
  type: 'object' as const,
  required: ['name', 'roles'],
  additionalProperties: false,
  properties: {
    ...MEMBERS,
    roles: { ...rolesOf(ROLES), description: '`admin` includes all others.' },
    models: {
      ...PATTERNS,
      description: 'The models that it is for; not with `audit` or `admin`, which see all.',
    },
    streams: { ...PATTERNS, description: 'The streams that it is for; likewise.' },
  },
  example: { name: 'app', roles: ['predict'], models: ['boston-*'] },
};

export class KeyDto {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ pattern: NAME_PATTERN }) name!: string;
  @ApiProperty({ enum: ROLES, isArray: true }) roles!: Role[];
  @ApiProperty({ type: [String], nullable: true, description: 'Null for all.' }) models!: string[] | null;
  @ApiProperty({ type: [String], nullable: true, description: 'Null for all.' }) streams!: string[] | null;
  @ApiProperty({ format: 'date-time' }) created!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null for never.' })
  expires!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Known for sure only while the server runs: it is written once a minute.',
  })
  lastUsed!: string | null;
}

export class NewKeyDto extends KeyDto {
  @ApiProperty({ description: 'The key itself: told now, and never again.' }) key!: string;
}

export class KeyListDto {
  @ApiProperty({ type: [KeyDto] }) items!: KeyDto[];
  @ApiPropertyOptional({ description: 'Where the next page is; absent on the last.' }) nextPageToken?: string;
}
