/** What stands in the way of a release, a sentence each. `read`: the text of a file of the project. */
export function obstacles(repository: string, read?: (path: string) => string): readonly string[];
