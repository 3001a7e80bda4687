export { addCertificates } from './add-certificates.js';
export { type Allows, filmMinAge, isAllowed, profileMaxAge, yearOf } from './age-gate.js';
export { CERTIFICATE_TABLE, MARKET_SCHEMES, NEVER } from './certificate-table.js';
