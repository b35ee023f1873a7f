import type { Metrics } from '@soma/observability';
import { observeBackground } from './observe-background.js';
import { observeCaches } from './observe-caches.js';
import { observeDependencies } from './observe-dependencies.js';

/** Counts and times what this process does and asks, whoever of it does so. @returns what ends that. */
export function observeWork(metrics: Metrics): () => void {
  const observers = [observeBackground, observeDependencies, observeCaches];
  const ends = observers.map((observe) => observe(metrics));
  return () => {
    for (const end of ends) end();
  };
}
