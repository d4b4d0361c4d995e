// Writes the corpus: synthesizes each app of the files beside it, and writes its templates to the folder above.
import * as cdk from 'aws-cdk-lib';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import apprunner from './apprunner.mjs';
import ecs from './ecs.mjs';
import eks from './eks.mjs';
import events from './events.mjs';
import patterns from './patterns.mjs';
import storage from './storage.mjs';

const corpus = dirname(dirname(fileURLToPath(import.meta.url)));
// What `cdk init` gives a new app.
const flags = createRequire(import.meta.url)('aws-cdk-lib/recommended-feature-flags.json');
const only = process.argv[2] ?? '';

process.env.CDK_VALIDATION = 'false'; // the tests validate the templates
process.chdir(corpus); // what assets are relative to, and what an app says

for (const file of readdirSync(corpus)) {
  if (file.endsWith('.json') && file.startsWith(only)) rmSync(join(corpus, file));
}
let written = 0;
for (const [name, build] of Object.entries({ ...patterns, ...ecs, ...events, ...eks, ...apprunner, ...storage })) {
  if (!name.startsWith(only)) continue;
  const outdir = mkdtempSync(join(tmpdir(), 'corpus-'));
  const app = new cdk.App({
    analyticsReporting: false,
    treeMetadata: false,
    outdir,
    context: { ...flags, '@aws-cdk/core:annotationsInValidationReport': false },
  });
  // Without a stack of its own, an app gets one that is deployed to any account and Region.
  if (build.length === 1) build(new cdk.Stack(app, 'Stack', stackProps()));
  else build(app, stackProps);
  app.synth();
  // Without the nested stacks of aws-eks, which hold its own functions and are the same in each app.
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json') && !file.includes('awscdkawseks'));
  for (const file of templates) {
    const suffix =
      file === 'Stack.template.json'
        ? ''
        : `-${file
            .replace(/^Stack/, '')
            .replace('.template.json', '')
            .toLowerCase()}`;
    const template = JSON.parse(readFileSync(join(outdir, file), 'utf8'));
    writeFileSync(join(corpus, `${name}${suffix}.json`), `${JSON.stringify(template, null, 1)}\n`);
    written++;
  }
  rmSync(outdir, { recursive: true });
}
console.log(`${written} templates`);

// stackProps leaves out what is the same in all templates and says nothing about them.
function stackProps(props = {}) {
  return { synthesizer: new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false }), ...props };
}
