import { Injectable } from '@nestjs/common';
import { LongReadsService } from '../../database/long-reads.service.js';
import type { RecordRange } from '../record-range.js';
import type { Verdict } from './verifier.js';

/** Holds the record against its chain, and remembers what came of it last. */
@Injectable()
export class VerificationService {
  /** The newest verdict, and when it was given, in epoch milliseconds; null before the first. */
  last: { verdict: Verdict; at: number } | null = null;

  constructor(private readonly reads: LongReadsService) {}

  /** @throws OrielError `exports-busy`, `readers-down` (503) */
  async verify(range: RecordRange): Promise<Verdict> {
    const verdict = await this.reads.query<Verdict>('audit.verify', range);
    this.last = { verdict, at: Date.now() };
    return verdict;
  }
}
