// Checks templates with rules, on the engine by which the CDK validates. Its argument is the engine's npm package. It reads a line of
// JSON with the rules, [{name, content}], then lines with a template as text, and answers each template with a line: {findings}, or
// {error} if a rule fails. It ends when its input does.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { CompositeEngine, TemplateContent } = createRequire(import.meta.url)(process.argv[2]);

let engine;
for await (const line of createInterface({ input: process.stdin })) {
  if (engine === undefined) {
    engine = new CompositeEngine({ regoRules: JSON.parse(line) });
    continue;
  }
  console.log(JSON.stringify(check(new TemplateContent(JSON.parse(line)))));
}

function check(template) {
  try {
    const { diagnostics } = engine.validateTemplate(template, { disableBuiltinRules: true, detailLevel: 'STANDARD' });
    return {
      findings: diagnostics.map((d) => ({ rule: d.ruleId, severity: d.severity, resource: d.entity?.logicalId, message: d.message })),
    };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}
