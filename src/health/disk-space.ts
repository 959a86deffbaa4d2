import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';

/** Bytes of the file system that the data folder is in. */
export interface Space {
  free: number;
  size: number;
}

/** How much room there is for the record. */
@Injectable()
export class DiskSpace {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** @throws the system's error where it cannot tell */
  async now(): Promise<Space> {
    const { bavail, blocks, bsize } = await statfs(this.settings.dataDir);
    return { free: bavail * bsize, size: blocks * bsize };
  }
}
