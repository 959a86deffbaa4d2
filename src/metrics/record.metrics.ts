import { stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { RecorderService } from '../audit/recorder.service.js';
import { RetentionService } from '../audit/retention/retention.service.js';
import { VerificationService } from '../audit/verification/verification.service.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { databaseFile } from '../database/data-folder.js';
import { JournalService } from '../journal/journal.service.js';
import { counter, gauge, histogram, type Family, type Sample } from './family.js';
import type { Bounds, MetricSource } from './source.js';

/** The journal, and the record that is kept through it. */
@Injectable()
export class RecordMetrics implements MetricSource {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly journal: JournalService,
    private readonly recorder: RecorderService,
    private readonly retention: RetentionService,
    private readonly verification: VerificationService,
  ) {}

  async families(): Promise<Family[]> {
    return [...this.ofJournal(), ...this.ofRecord(), ...this.ofChain(), await this.ofFiles()];
  }

  async bounds(): Promise<Bounds> {
    const { cut, dropped } = this.recorder.shortened;
    const { records, payloads } = this.retention.removed.size;
    return {
      auditBuffer: { used: this.journal.waiting },
      auditPayloadLimit: { hits: cut },
      auditRedactLimit: { hits: dropped },
      auditMaxSize: { used: await this.size(''), hits: records },
      auditMaxPayloads: { hits: payloads },
    };
  }

  private ofJournal(): Family[] {
    const { figures, waiting, lag, lastFault } = this.journal;
    return [
      histogram(
        'oriel_journal_commit_seconds',
        'Transactions of the journal, with the wait for the disk.',
        figures.commits,
      ),
      histogram('oriel_journal_commit_entries', 'Entries that went into one transaction.', figures.entries),
      counter('oriel_journal_failed_commits_total', 'Transactions that did not come about.', figures.failed),
      gauge('oriel_journal_waiting_bytes', 'Bytes of entries that wait for the journal.', waiting),
      gauge(
        'oriel_journal_lag_seconds',
        'For how long the oldest entry waits that is not on disk.',
        lag / 1000,
      ),
      gauge(
        'oriel_journal_writable',
        'Whether the last commit, or try of one, went well.',
        lastFault === null ? 1 : 0,
      ),
    ];
  }

  private ofRecord(): Family[] {
    const { lost, refused, shortened } = this.recorder;
    return [
      counter(
        'oriel_audit_lost_records_total',
        'Records of given answers that never reached the disk.',
        lost,
      ),
      counter(
        'oriel_audit_refused_answers_total',
        'Answers that were not given since they could not be put on record.',
        refused,
      ),
      counter(
        'oriel_audit_shortened_total',
        'Records of which a payload was cut at its limit, or left out as too long to be redacted.',
        [
          { labels: { how: 'cut' }, value: shortened.cut },
          { labels: { how: 'dropped' }, value: shortened.dropped },
        ],
      ),
      counter(
        'oriel_audit_removed_total',
        'Records and payloads that were removed, and why.',
        this.removed(),
      ),
      gauge(
        'oriel_audit_above_cap',
        'Whether the record is above its cap, and all that is left is held.',
        this.retention.isStuck ? 1 : 0,
      ),
    ];
  }

  private ofChain(): Family[] {
    const { last } = this.verification;
    return [
      gauge('oriel_audit_seq', 'The last place in the chain that is on disk.', this.journal.figures.seq),
      gauge(
        'oriel_audit_chain_valid',
        'Whether the record was as it was written when it was last verified.',
        last && (last.verdict.valid ? 1 : 0),
      ),
      gauge(
        'oriel_audit_verified_timestamp_seconds',
        'When the record was last verified.',
        last && last.at / 1000,
      ),
    ];
  }

  private async ofFiles(): Promise<Family> {
    const [main, log] = await Promise.all([this.size(''), this.size('-wal')]);
    return gauge('oriel_database_bytes', 'Size of the database and of its write-ahead log.', [
      { labels: { file: 'main' }, value: main },
      { labels: { file: 'wal' }, value: log },
    ]);
  }

  private removed(): Sample[] {
    return Object.entries(this.retention.removed).flatMap(([reason, counts]) =>
      Object.entries(counts).map(([what, value]) => ({ labels: { what, reason }, value })),
    );
  }

  /** Bytes of the database file, or of one beside it; 0 when there is none. */
  private async size(ending: string): Promise<number> {
    const found = await stat(databaseFile(this.settings.dataDir) + ending).catch(() => null);
    return found?.size ?? 0;
  }
}
