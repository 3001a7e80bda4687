// Imported before anything else, so that an old Node gets this sentence and not a crash: nothing newer than Node 12 here.
const LEAST = { 20: 19, 22: 12 };

/** @param {string} version e.g. 20.19.0 */
export function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return major in LEAST ? minor >= LEAST[major] : major > 22;
}

if (!isSupported(process.versions.node)) {
  console.error(
    `matinee needs Node 20.19+ or 22.12+; this is Node ${process.versions.node}. Get Node 22 from https://nodejs.org, or: nvm install 22`,
  );
  process.exit(1);
}
