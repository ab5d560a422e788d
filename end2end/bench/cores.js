// Gives a measured server a core of its own, where the machine has two and `taskset`.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const cores = availableParallelism();
const canPin = cores > 1 && spawnSync('taskset', ['--version']).status === 0;
/** The cores of everything else. */
export const othersCores = cores > 2 ? `1-${cores - 1}` : '1';

/** Restricts all threads of a process to the first core. */
export function onOwnCore(id) {
  restrict(id, '0');
}

/** Restricts all threads of a process to the other cores. */
export function onOtherCores(id) {
  restrict(id, othersCores);
}

/** A command that runs on these cores only. */
export function pinned(command, list) {
  return canPin ? ['taskset', '--cpu-list', list, ...command] : command;
}

function restrict(id, list) {
  if (!canPin) return;
  const { status, stderr } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', list, String(id)]);
  if (status !== 0) throw new Error(`taskset: ${stderr}`);
}
