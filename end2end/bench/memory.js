// The resident memory of a process, on Linux.
import { readFileSync } from 'node:fs';

/**
 * Returns it as `23 MB, of which 4 are its own`. The rest are parts of the program's file, which the system can take back, and which
 * processes share.
 */
export function residentMemory(id) {
  try {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    const [all, own] = ['VmRSS', 'RssAnon'].map((name) => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) / 1024));
    return `${all} MB, of which ${own} are its own`;
  } catch {
    return 'unknown';
  }
}
