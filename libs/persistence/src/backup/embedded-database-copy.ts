import { Injectable } from '@nestjs/common';
import { type CopiedDatabase, DatabaseCopy } from '@soma/backup';
import { Database } from '../connection/database.js';

@Injectable()
export class EmbeddedDatabaseCopy extends DatabaseCopy {
  constructor(private readonly database: Database) {
    super();
  }

  copy(): Promise<CopiedDatabase> {
    return this.database.copy();
  }
}
