// The types that `node-appwrite` declares for responses, and how a response differs from them.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as sdk from 'node-appwrite';

const types = dirname(createRequire(import.meta.url).resolve('node-appwrite'));

/** Differences that are faults of the SDK or of Appwrite, each with the reason. */
const ACCEPTED = new Map([
  ['User.passwordPwned: undeclared', 'newer than this SDK (Appwrite 2.3)'],
  ['MfaFactors.custom: undeclared', 'newer than this SDK (Appwrite 2.0)'],
  ['File.folder: undeclared', 'newer than this SDK'],
  ['File.key: undeclared', 'newer than this SDK'],
  ['Database.status: string', 'the SDK has a model of the same name as its enum'],
  ['ColumnBoolean.default: array', 'the declared answer of getColumn lacks the kinds of places'],
  ['AttributeBoolean.default: array', 'the declared answer of getAttribute lacks the kinds of places'],
  ['ColumnString.size: missing', 'the declared answer of getColumn lacks the kinds of long texts'],
  ['AttributeString.size: missing', 'the declared answer of getAttribute lacks the kinds of long texts'],
]);

/** Models that may have more fields than declared. */
const OPEN = new Set(['Preferences', 'Row', 'Document', 'Presence', 'Headers']);

/** Each model's fields: `{name, type, isOptional}`. */
function declaredModels() {
  const models = new Map([['Preferences', []]]);
  let fields;
  for (const line of readFileSync(join(types, 'models.d.ts'), 'utf8').split('\n')) {
    const model = /^ {4}export type (\w+)(?:<.*>)? = \{$/.exec(line);
    const field = /^ {8}(\$?\w+)(\?)?: (.+);$/.exec(line);
    if (model) models.set(model[1], (fields = []));
    else if (/^ {4}\}/.test(line)) fields = undefined;
    else if (field && fields) fields.push({ name: field[1], type: field[3], isOptional: field[2] === '?' });
  }
  return models;
}

/** The declared type of each method's response, by `Service.method`. */
function declaredAnswers() {
  const answers = new Map();
  for (const file of readdirSync(join(types, 'services')).filter((name) => name.endsWith('.d.ts'))) {
    let service;
    let method;
    for (const line of readFileSync(join(types, 'services', file), 'utf8').split('\n')) {
      service = /^declare class (\w+)/.exec(line)?.[1] ?? service;
      method = /^ {4}(\w+)(?:<.*?>)?\(/.exec(line)?.[1] ?? method;
      const answer = /\): Promise<(.+)>;$/.exec(line);
      if (service && method && answer) answers.set(`${service}.${method}`, answer[1]);
    }
  }
  return answers;
}

const models = declaredModels();
const answers = declaredAnswers();

/** The parts of a union, without the parentheses around it. */
function union(type) {
  const parts = [''];
  let depth = 0;
  for (const letter of type) {
    if ('(<{'.includes(letter)) depth += 1;
    if (')>}'.includes(letter)) depth -= 1;
    if (letter === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

const kindOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'bigint' ? 'number' : typeof value);

/** Returns the undeclared and missing fields of `value`, like `User.email: null`. The result contains no values, so that the responses of two servers can be compared. */
function faults(type, value, at) {
  const parts = union(type);
  if (parts.length > 1) return parts.map((part) => faults(part, value, at)).reduce((least, other) => (other.length < least.length ? other : least));
  const [plain] = parts;
  if (plain.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at}: ${kindOf(value)}`];
    return [...new Set(value.flatMap((item) => faults(plain.slice(0, -2), item, at)))];
  }
  if (plain.startsWith('(')) return faults(plain.slice(1, -1), value, at);
  const name = plain.replace(/<.*>$/, '').replace(/^Models\./, '');
  if (['any', 'unknown', '{}', 'ArrayBuffer'].includes(name)) return [];
  if (['string', 'number', 'bigint', 'boolean', 'object'].includes(name)) {
    return kindOf(value) === (name === 'bigint' ? 'number' : name) ? [] : [`${at}: ${kindOf(value)}`];
  }
  if (!models.has(name)) {
    const known = Object.values(sdk[name] ?? {});
    return typeof value === 'string' && (known.length === 0 || known.includes(value)) ? [] : [`${at}: no ${name}`];
  }
  if (kindOf(value) !== 'object') return [`${at}: ${kindOf(value)}`];
  const fields = models.get(name);
  const extra = OPEN.has(name) ? [] : Object.keys(value).filter((key) => !fields.some((field) => field.name === key));
  return [
    ...extra.map((key) => `${name}.${key}: undeclared`),
    ...fields.flatMap((field) => {
      if (value[field.name] === undefined) return field.isOptional ? [] : [`${name}.${field.name}: missing`];
      if (value[field.name] === null && field.isOptional) return [];
      return faults(field.type, value[field.name], `${name}.${field.name}`);
    }),
  ];
}

/** The differences of a method's response. */
export function faultsOf(title, answer) {
  const type = answers.get(title);
  if (!type) throw new Error(`node-appwrite declares no answer of ${title}`);
  return faults(type, answer, title).filter((fault) => !ACCEPTED.has(fault));
}
