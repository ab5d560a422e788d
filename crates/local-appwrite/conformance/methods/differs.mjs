// The methods whose responses differ from Appwrite's, each with the difference.

const DRAWN = 'a drawing of the right size, not the picture';
const ENGLISH = 'in English only';
const PROJECT = 'answers the id, the name and the sign-in methods of the project only';
const SHAPES = 'refuses the queries `crosses`, `overlaps`, `touches` and their opposites, `contains` of more than a point, and filters on related rows inside `and` or `or` (Appwrite\'s source does not resolve these either); `ttl` caches nothing';
const MOCK = 'the provider `mock` only; others are disabled';

/** The differences by method name. */
export const DIFFERS = new Map([
  ['Account.createOAuth2Token', MOCK],
  ['Avatars.getBrowser', DRAWN],
  ['Avatars.getCreditCard', DRAWN],
  ['Avatars.getFavicon', DRAWN],
  ['Avatars.getFlag', DRAWN],
  ['Avatars.getImage', DRAWN],
  ['Avatars.getInitials', 'other colors and letters'],
  ['Avatars.getScreenshot', DRAWN],
  ['Databases.listDocuments', SHAPES],
  ['Locale.get', 'every place is unknown'],
  ['Locale.listContinents', ENGLISH],
  ['Locale.listCountries', ENGLISH],
  ['Locale.listCountriesEU', ENGLISH],
  ['Locale.listCountriesPhones', ENGLISH],
  ['Project.get', PROJECT],
  ['Project.updateAuthMethod', PROJECT],
  ['Project.updatePasswordDictionaryPolicy', PROJECT],
  ['Project.updatePasswordHistoryPolicy', PROJECT],
  ['Project.updatePasswordPersonalDataPolicy', PROJECT],
  ['Project.updateSessionLimitPolicy', PROJECT],
  ['Storage.createFile', '`folder` is not kept; files are neither compressed nor encrypted nor searched for viruses'],
  ['Storage.getFilePreview', 'no borders, angles other than quarters, `heic` and `avif` (then with the header `x-appwrite-warning`); of files that are no pictures a drawing'],
  ['TablesDB.listRows', SHAPES],
  ['TablesDB.listSpecifications', 'is taken for a database of that id: there are no dedicated databases here'],
]);
