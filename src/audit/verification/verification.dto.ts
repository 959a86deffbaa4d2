import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class BadRecordDto {
  @ApiProperty({ type: 'integer' }) seq!: number;
  @ApiProperty({ type: String, nullable: true, description: 'Null where the record is gone.' }) id!:
    string | null;
  @ApiProperty() reason!: string;
}

export class VerdictDto {
  @ApiProperty() valid!: boolean;
  @ApiProperty({ type: 'integer', description: 'Records that were looked at and fit.' }) records!: number;
  @ApiPropertyOptional({ description: 'The head over all that was looked at, in hexadecimal.' })
  head?: string;
  @ApiPropertyOptional({ description: 'The first that does not fit.' }) firstBad?: BadRecordDto;
}

export class PublicKeyDto {
  @ApiProperty({ description: 'The first 16 digits of the SHA-256 of the key in DER.' }) keyId!: string;
  @ApiProperty({ enum: ['Ed25519'] }) algorithm!: 'Ed25519';
  @ApiProperty({ description: 'PEM.' }) publicKey!: string;
}

export class CheckpointDto {
  @ApiProperty({ type: 'integer', description: 'The last record that it stands for.' }) seq!: number;
  @ApiProperty({ description: 'Hexadecimal.' }) head!: string;
  @ApiProperty({ format: 'date-time' }) time!: string;
  @ApiProperty() keyId!: string;
  @ApiProperty({
    description:
      'Ed25519 over `oriel.checkpoint`, seq, head, time and keyId, separated by line feeds; in Base64.',
  })
  signature!: string;
}

export class CheckpointPageDto {
  @ApiProperty({ type: [CheckpointDto] }) items!: CheckpointDto[];
}
