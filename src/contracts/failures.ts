/** The closed list of permanent failures: a night that meets one stops at once, with this type and a full sentence. */
export const FAILURES = [
  'ConfigInvalid',
  'InputInvalid',
  'NoData',
  'ModelDiverged',
  'ArtifactCorrupt',
  'AgeAuditFailed',
  'RehearsalFailed',
  'ReleaseConflict',
  'DiskFull',
] as const;
export type FailureType = (typeof FAILURES)[number];
