/** Something that is not as it must be: of a file, of what the release says it is, of the counts, of a viewer's list, or of what the snapshot says of it. */
export interface Problem {
  check: 'file' | 'identity' | 'counts' | 'list' | 'snapshot';
  about: string;
  says: string;
}
