// The resident memory of a process in MB, on Linux.
import { readFileSync } from 'node:fs';

export function residentMegabytes(id) {
  try {
    return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) / 1024);
  } catch {
    return undefined;
  }
}
