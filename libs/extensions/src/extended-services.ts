import type { Provider } from '@nestjs/common';
import { ConsolidationService } from '@soma/consolidation';
import { ArchiveService, FeedbackService } from '@soma/forgetting';
import { MemoryCollectionService, MemoryService, NamespaceService } from '@soma/memory';
import { SearchService } from '@soma/search';
import { ExtendedCollectionService } from './extended-collection.service.js';
import { ExtendedConsolidationService } from './extended-consolidation.js';
import { ExtendedArchiveService, ExtendedNamespaceService } from './extended-deletions.js';
import { ExtendedFeedbackService } from './extended-feedback.service.js';
import { ExtendedMemoryService } from './extended-memory.service.js';
import { ExtendedSearchService } from './extended-search.service.js';

/** The services that answer clients, with hooks around them: instead of those without. */
export const EXTENDED_SERVICES: readonly Provider[] = [
  { provide: MemoryService, useClass: ExtendedMemoryService },
  { provide: MemoryCollectionService, useClass: ExtendedCollectionService },
  { provide: NamespaceService, useClass: ExtendedNamespaceService },
  { provide: ArchiveService, useClass: ExtendedArchiveService },
  { provide: FeedbackService, useClass: ExtendedFeedbackService },
  { provide: SearchService, useClass: ExtendedSearchService },
  { provide: ConsolidationService, useClass: ExtendedConsolidationService },
];
