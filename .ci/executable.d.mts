/** Types of executable.mjs. */
export const hostTarget: string;
export function buildExecutable(options?: {
  readonly target?: string;
  readonly out?: string;
  readonly isQuick?: boolean;
}): Promise<string>;
export function binaryOf(name: string, version: string): Promise<string>;
