#!/usr/bin/env node
// Checks CloudFormation templates and cloud assemblies with the rules in the *.rego files beside this one, on the engine that the CDK
// validates with. It needs Node.js 20 or newer and one npm package, which it says how to install. It calls nobody.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Checks CloudFormation templates with the awscontainers rules.

Usage: node check.mjs [options] TEMPLATE|ASSEMBLY ...

A TEMPLATE is a file, in JSON or YAML. An ASSEMBLY is a directory that cdk synth writes, such as cdk.out: all its stacks are checked, those
of its stages and its nested stacks too.

Options:
  --fail-on LEVEL  exit with 1 on findings of this level or above: error (default), warning, or never
  --ignore ID      ignore a rule, such as AWSC-ELB-001; can be repeated
  --json           print the findings as JSON
  --sarif          print the findings as SARIF 2.1.0, for code scanning
  --help           print this

Exit codes: 0 nothing at that level, 1 findings, 2 something could not be checked.
`;

const here = dirname(fileURLToPath(import.meta.url));
// By what the CDK prefixes the rules that its validator reports, where an app acknowledges them.
const VALIDATOR = 'CloudFormation-Validate::';
const LEVELS = { FATAL: 'error', ERROR: 'error', WARN: 'warning', INFO: 'note', DEBUG: 'note' };

/** What the command line, or a file that it names, makes impossible. Its message is for the user. */
class Failure extends Error {}

main();

function main() {
  try {
    const options = readOptions();
    if (options.help) {
      process.stdout.write(HELP);
      return;
    }
    const templates = options.paths.flatMap(templatesIn).filter(isFirst);
    const rules = readRules();
    const report = check(templates, rules, options.ignore);
    print(report, rules, options);
    for (const failure of report.failures) console.error(failure);
    process.exitCode = report.failures.length > 0 ? 2 : report.findings.some(options.fails) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

function readOptions() {
  const types = {
    'fail-on': { type: 'string', default: 'error' },
    ignore: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean' },
    sarif: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  let parsed;
  try {
    parsed = parseArgs({ options: types, allowPositionals: true });
  } catch (error) {
    throw new Failure(`${error.message}\n${HELP}`);
  }
  const { values, positionals } = parsed;
  const failing = { error: ['error'], warning: ['error', 'warning'], never: [] }[values['fail-on']];
  if (!values.help) {
    if (!failing) throw new Failure(`--fail-on: must be error, warning or never; got ${JSON.stringify(values['fail-on'])}`);
    if (values.json && values.sarif) throw new Failure('--json: is not compatible with --sarif');
    if (positionals.length === 0) throw new Failure(`Name a template or the directory of a cloud assembly.\n\n${HELP}`);
  }
  return { ...values, paths: positionals, fails: (finding) => failing.includes(finding.level) };
}

/**
 * The templates that an argument names: {file, pseudo, pathOf, acknowledgements}. pathOf gives the construct path of a resource by its
 * logical id, and acknowledgements are {rule, at, reason}.
 */
function templatesIn(argument) {
  const file = resolve(argument);
  if (!existsSync(file)) throw new Failure(`${argument}: no such file or directory`);
  if (basename(file) === 'manifest.json') return templatesOfAssembly(dirname(file));
  if (!statSync(file).isDirectory()) return [{ file, named: true, pathOf: pathsIn(file), acknowledgements: [] }];
  if (!existsSync(join(file, 'manifest.json'))) {
    throw new Failure(`${argument}: is not a cloud assembly, because it has no manifest.json; name template files`);
  }
  return templatesOfAssembly(file);
}

function templatesOfAssembly(directory, outer = []) {
  const { artifacts = {} } = readJson(join(directory, 'manifest.json'));
  const reported = [...outer, ...acknowledgementsInReport(directory)];
  return Object.values(artifacts).flatMap((artifact) => {
    switch (artifact.type) {
      case 'cdk:cloud-assembly':
        return templatesOfAssembly(join(directory, artifact.properties.directoryName), reported);
      case 'aws:cloudformation:stack':
        return templatesOfStack(directory, artifact, artifacts, reported);
    }
    return [];
  });
}

/** A stack and the stacks nested in it, whose templates are among its assets. */
function templatesOfStack(directory, stack, artifacts, reported) {
  const metadata = stack.additionalMetadataFile ? readJson(join(directory, stack.additionalMetadataFile)) : (stack.metadata ?? {});
  const acknowledgements = [...reported, ...acknowledgementsIn(metadata)];
  const nested = (stack.dependencies ?? [])
    .map((id) => artifacts[id])
    .filter((artifact) => artifact?.type === 'cdk:asset-manifest')
    .flatMap((artifact) => Object.values(readJson(join(directory, artifact.properties.file)).files ?? {}))
    .map((asset) => asset.source.path)
    .filter((path) => path?.endsWith('.nested.template.json'));
  return [stack.properties.templateFile, ...nested].map((name) => {
    const file = join(directory, name);
    return { file, pseudo: pseudoParameters(stack.environment), pathOf: pathsIn(file, name, metadata), acknowledgements };
  });
}

/** What stands for the pseudo parameters, from aws://ACCOUNT/REGION. */
function pseudoParameters(environment = '') {
  const [, accountId, region] = environment.match(/^aws:\/\/(\d{12}|[^/]*)\/(.+)$/) ?? [];
  return { ...(/^\d{12}$/.test(accountId) && { accountId }), ...(region && region !== 'unknown-region' && { region }) };
}

/** Construct paths by logical id: from the template, where the CDK writes them unless that is off, or from the assembly. */
function pathsIn(file, name, metadata = {}) {
  let paths;
  return (id) => (paths ??= readPaths(file, name, metadata))[id];
}

function readPaths(file, name, metadata) {
  const paths = {};
  const stacks = valuesOf(metadata, 'aws:cdk:templateFile');
  const stack = stacks.find(({ data }) => data === name)?.path;
  for (const { path, data } of valuesOf(metadata, 'aws:cdk:logicalId')) {
    // The same id may be in a stack and in one nested in it: the innermost is the resource's own.
    const around = stacks.filter((s) => isBelow(path, s.path)).sort((a, b) => b.path.length - a.path.length)[0];
    if (around?.path === stack) paths[data] = path;
  }
  for (const [id, resource] of Object.entries(tryJson(file)?.Resources ?? {})) {
    const path = resource?.Metadata?.['aws:cdk:path'];
    if (path) paths[id] = path;
  }
  return paths;
}

/** The entries of one type in the metadata of an assembly, with the path of their construct. */
function valuesOf(metadata, type) {
  return Object.entries(metadata).flatMap(([path, entries]) =>
    entries.filter((entry) => entry.type === type).map((entry) => ({ path: path.replace(/^\//, ''), data: entry.data })),
  );
}

function isBelow(path, scope) {
  return scope === '' || path === scope || path.startsWith(`${scope}/`);
}

function acknowledgementsIn(metadata) {
  return valuesOf(metadata, 'aws:cdk:acknowledged-rules').flatMap(({ path, data }) =>
    Object.entries(data).map(([id, reason]) => ({ id, at: path, reason })),
  );
}

/** Those of an app or a stage are in the report alone, if the app has the rules as a plugin. */
function acknowledgementsInReport(directory) {
  const report = tryJson(join(directory, 'validation-report.json'));
  return (report?.pluginReports ?? [])
    .flatMap((plugin) => plugin.suppressedViolations ?? [])
    .map((violation) => ({ id: violation.acknowledgedId, at: violation.acknowledgedAt ?? '', reason: violation.reason }));
}

function isFirst(template, index, templates) {
  return templates.findIndex((other) => other.file === template.file) === index;
}

/** The rules by id: {title, description, page}, from the OPA annotations of the Rego files. */
function readRules() {
  const rules = new Map();
  for (const { content } of regoFiles()) {
    for (const [block] of content.matchAll(/^# METADATA\n(#.*\n)+/gm)) {
      const value = (key) => text(block.match(new RegExp(`^# +${key}: (.+)$`, 'm'))?.[1]);
      const page = text(block.match(/^# related_resources:\n# *- (.+)$/m)?.[1]);
      if (value('id')) rules.set(value('id'), { title: value('title'), description: value('description'), page });
    }
  }
  return rules;
}

/** A scalar of YAML on one line. */
function text(scalar) {
  if (scalar?.startsWith('"')) return JSON.parse(scalar);
  if (scalar?.startsWith("'")) return scalar.slice(1, -1).replaceAll("''", "'");
  return scalar;
}

function regoFiles() {
  return readdirSync(here)
    .filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'))
    .sort()
    .map((name) => ({ name, content: readFileSync(join(here, name), 'utf8').replaceAll('\r\n', '\n') }));
}

/** The findings in templates, those that were acknowledged or ignored, and what could not be checked. */
function check(templates, rules, ignored) {
  for (const id of ignored) if (!rules.has(id)) throw new Failure(`--ignore: there is no rule ${JSON.stringify(id)}`);
  const report = { templates, findings: [], acknowledged: [], failures: [] };
  const engine = startEngine();
  for (const template of templates) {
    const name = shown(template.file);
    try {
      const { acknowledged, findings } = checkOne(engine, template, name, ignored);
      report.findings.push(...findings);
      report.acknowledged.push(...acknowledged);
    } catch (error) {
      report.failures.push(error instanceof Failure ? error.message : `${name}: a rule failed: ${error?.message ?? error}`);
    }
  }
  return report;
}

function checkOne(engine, template, name, ignored) {
  const result = engine.validate(template.file, { disableBuiltinRules: true, pseudoParameterOverrides: template.pseudo ?? {} });
  const fatal = result.diagnostics.find((d) => d.severity === 'FATAL');
  if (fatal) throw new Failure(`${name}:${fatal.startLine ?? 1}: is not a template: ${fatal.message}`);
  if (result.status !== 'OK') throw new Failure(`${name}: the engine did not finish (${result.status})`);
  if (template.named && result.metadata.resourcesScanned === 0) throw new Failure(`${name}: is not a template: it has no resources`);
  const findings = [];
  const acknowledged = [];
  for (const d of result.diagnostics.sort((a, b) => a.startLine - b.startLine)) {
    if (d.source !== 'CUSTOM' || ignored.includes(d.ruleId)) continue;
    const id = d.entity?.logicalId;
    const path = template.pathOf(id);
    const finding = {
      file: name,
      line: d.startLine ?? 1,
      level: LEVELS[d.severity],
      rule: d.ruleId,
      logicalId: id,
      resourceType: d.entity?.resourceType,
      path,
      property: d.propertyPath,
      message: d.message,
    };
    const by = template.acknowledgements.find((a) => a.id === VALIDATOR + d.ruleId && isBelow(path ?? '', a.at));
    if (by) acknowledged.push({ ...finding, acknowledgedAt: by.at, reason: by.reason });
    else findings.push(finding);
  }
  return { findings, acknowledged };
}

/** The engine with the rules. Its versions differ: 1.9 knows templates in files only, and calls its method by another name. */
function startEngine() {
  const found = findEngine();
  const { RegoEngine, TemplateFile } = createRequire(import.meta.url)(found);
  let engine;
  try {
    engine = new RegoEngine({ customRules: regoFiles() });
  } catch (error) {
    throw new Failure(`The engine in ${dirname(found)} can't run the rules; install a newer one. ${error?.message ?? error}`);
  }
  return {
    validate(file, config) {
      const template = new TemplateFile(file);
      if (engine.validateTemplate) return engine.validateTemplate(template, { ...config, detailLevel: 'STANDARD' });
      return engine.validateStandard(template, config);
    },
  };
}

/** The path of the engine: that of an installed CDK, else an installed engine; from the current directory, then from here. */
function findEngine() {
  const engine = '@aws/cloudformation-validate';
  for (const way of [['aws-cdk-lib/package.json', engine], [engine]]) {
    for (const directory of [process.cwd(), here]) {
      try {
        return way.reduce((from, name) => createRequire(from).resolve(name), join(directory, 'package.json'));
      } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
      }
    }
  }
  throw new Failure(`No engine found: neither aws-cdk-lib (2.270 or newer) nor ${engine} is installed. Install one in this directory:
  npm install --save-dev ${engine}`);
}

function print(report, rules, options) {
  const { findings, acknowledged, templates } = report;
  if (options.json) console.log(JSON.stringify(asJson(report, rules), null, 2));
  else if (options.sarif) console.log(JSON.stringify(asSarif(findings, rules), null, 2));
  else for (const f of findings) console.log(`${f.file}:${f.line}: ${f.level.toUpperCase()} ${f.rule} ${nameOf(f)}: ${f.message}`);
  const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const of = (level) => findings.filter((f) => f.level === level).length;
  const summary = [count(of('error'), 'error'), count(of('warning'), 'warning')];
  if (of('note') > 0) summary.push(count(of('note'), 'note'));
  if (acknowledged.length > 0) summary.push(`${acknowledged.length} acknowledged`);
  // Standard output holds nothing but the report.
  const write = options.json || options.sarif ? console.error : console.log;
  write(`${summary.join(', ')} in ${count(templates.length, 'template')}`);
}

function asJson({ templates, findings, acknowledged }, rules) {
  const described = (f) => ({ ...f, title: rules.get(f.rule)?.title, page: rules.get(f.rule)?.page });
  return { templates: templates.map((t) => shown(t.file)), findings: findings.map(described), acknowledged: acknowledged.map(described) };
}

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
function asSarif(findings, rules) {
  const ids = [...rules.keys()].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'awscontainers rules', rules: ids.map((id) => sarifRule(id, rules.get(id))) } },
        results: findings.map((f) => ({
          ruleId: f.rule,
          ruleIndex: ids.indexOf(f.rule),
          level: f.level,
          message: { text: f.message },
          locations: [
            {
              physicalLocation: { artifactLocation: { uri: uriOf(f.file) }, region: { startLine: f.line } },
              logicalLocations: [{ fullyQualifiedName: nameOf(f), kind: 'resource' }],
            },
          ],
        })),
      },
    ],
  };
}

function sarifRule(id, { title, description, page }) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: description },
    help: { text: `${description} ${page}`, markdown: `${description}\n\n[AWS documentation](${page})` },
    helpUri: page,
  };
}

function nameOf(finding) {
  return finding.path ?? finding.logicalId ?? 'the template';
}

/** A path for people: from the current directory, with slashes. */
function shown(file) {
  return relative(process.cwd(), file).split(sep).join('/');
}

function uriOf(name) {
  return name.startsWith('../') || isAbsolute(name) ? pathToFileURL(resolve(name)).href : encodeURI(name);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Failure(`${shown(file)}: ${error.message}`);
  }
}

/** The content of a file, or undefined if it is absent or something else, such as YAML. */
function tryJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
