import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '@soma/core';
import { EncryptedFields } from '@soma/encryption';

/** What keeping a digest needs besides. */
@Injectable()
export class SummaryKeeping {
  constructor(
    readonly unitOfWork: UnitOfWork,
    readonly encrypted: EncryptedFields,
  ) {}
}
