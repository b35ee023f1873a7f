import ts from 'typescript';

/** How large a room of this house may be. Longer means that it wants to be two. */
export const LIMITS = {
  sourceLines: 300,
  testLines: 500,
  constructorDependencies: 5,
} as const;

const TEST = /\.(spec|contract|fixture|corpus)\.ts$|^test\/|\/testing\//;

/** What is too large in one file of TypeScript, in words; empty when nothing is. */
export function oversizeOf(path: string, text: string): string[] {
  return [...tooLong(path, text), ...tooManyDependencies(path, text)];
}

function tooLong(path: string, text: string): string[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const limit = TEST.test(path) ? LIMITS.testLines : LIMITS.sourceLines;
  return lines > limit ? [`${path}: ${lines} lines, at most ${limit}`] : [];
}

function tooManyDependencies(path: string, text: string): string[] {
  if (TEST.test(path)) return [];
  const faults: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isConstructorDeclaration(node) &&
      node.parameters.length > LIMITS.constructorDependencies
    ) {
      const name = node.parent.name?.text ?? 'class';
      faults.push(
        `${path}: ${name} is made of ${node.parameters.length} others, at most ${LIMITS.constructorDependencies}`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return faults;
}
