// Says what CloudFormation does to each resource when a stack is updated from one template to another: the code behind `cdk diff`.
//
// Standard input is [{from, to}, ...], names of files with templates. Standard output is a list for each of them:
// [{id, impact, properties: {name: impact}}, ...].
import { readFileSync } from 'node:fs';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import diff from '@aws-cdk/cloudformation-diff';

const spec = loadAwsServiceSpecSync();
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

// Whether what differs in an object never replaces the resource, though other parts of the object do. The diff takes it as a whole.
function isMilder(resourceType, name, oldValue, newValue) {
  const type = spec.lookup('resource', 'cloudFormationType', 'equals', resourceType)[0]?.properties[name]?.type;
  if (type?.type !== 'ref' || !isObject(oldValue) || !isObject(newValue)) {
    return false;
  }
  const { properties } = spec.get('typeDefinition', type.reference);
  return Object.keys({ ...oldValue, ...newValue })
    .filter((key) => !diff.deepEqual(oldValue[key], newValue[key]))
    .every((key) => properties[key] && !['yes', 'maybe'].includes(properties[key].causesReplacement));
}

// Gives the old template the new value of such properties, so that the diff replaces neither the resource nor what refers to it.
function takeMilder(from, to) {
  const milder = {};
  for (const [id, { Type, Properties = {} }] of Object.entries(from.Resources)) {
    const now = to.Resources[id]?.Type === Type ? to.Resources[id].Properties ?? {} : {};
    for (const name of Object.keys(Properties)) {
      if (now[name] !== undefined && !diff.deepEqual(Properties[name], now[name]) && isMilder(Type, name, Properties[name], now[name])) {
        Properties[name] = now[name];
        (milder[id] ??= []).push(name);
      }
    }
  }
  return milder;
}

// The diff knows no custom resources: to it their changes have no impact. CloudFormation sends them to their function.
const known = (impact) => (impact === 'NO_CHANGE' ? 'WILL_UPDATE' : impact);

// Types of which a part of an object replaces the resource, though the object as a whole doesn't, as the Auto Scaling group of a capacity
// provider. The diff takes that for an update.
const strict = ['AWS::ECS::CapacityProvider', 'AWS::FSx::FileSystem'];

function isStricter({ Type, Properties = {} }, now, name) {
  const type = spec.lookup('resource', 'cloudFormationType', 'equals', Type)[0]?.properties[name]?.type;
  const [oldValue, newValue] = [Properties[name], now.Properties?.[name]];
  if (!strict.includes(Type) || Type !== now.Type || type?.type !== 'ref' || !isObject(oldValue) || !isObject(newValue)) {
    return false;
  }
  const { properties } = spec.get('typeDefinition', type.reference);
  return Object.keys({ ...oldValue, ...newValue })
    .some((key) => properties[key]?.causesReplacement === 'yes' && !diff.deepEqual(oldValue[key], newValue[key]));
}

// What replaces resources of types that the npm package doesn't know yet: createOnlyProperties of their schemas.
const createOnly = {
  'AWS::ECS::Gateway': ['GatewayName', ...['Scheme', 'Port', 'Protocol', 'NetworkConfiguration.Subnets', 'NetworkConfiguration.IpAddressType']
    .map((path) => `Configuration.HostSharedAlb.${path}`)],
  'AWS::ECS::GatewayClusterAssociations': ['Cluster', 'Gateway'],
};

const at = (value, path) => path.split('.').reduce((inner, key) => inner?.[key], value);

function isUnknownReplacement({ Type, Properties }, now, name) {
  return createOnly[Type]?.some((path) => path.split('.')[0] === name && !diff.deepEqual(at(Properties, path), at(now.Properties, path)));
}

function changesOf(from, to) {
  const changes = {};
  const milder = takeMilder(from, to);
  diff.fullDiff(from, to).resources.forEachDifference((id, { changeImpact, propertyUpdates, otherChanges }) => {
    const properties = {};
    for (const [name, { changeImpact }] of [...Object.entries(otherChanges), ...Object.entries(propertyUpdates)]) {
      properties[name] = known(changeImpact) ?? '';
    }
    changes[id] = { id, impact: known(changeImpact), properties };
    for (const name of Object.keys(properties)) {
      if (changeImpact === 'WILL_UPDATE' && (isStricter(from.Resources[id], to.Resources[id], name) ||
        isUnknownReplacement(from.Resources[id], to.Resources[id], name))) {
        properties[name] = changes[id].impact = 'WILL_REPLACE';
      }
    }
  });
  for (const [id, names] of Object.entries(milder)) {
    changes[id] ??= { id, impact: 'WILL_UPDATE', properties: {} };
    for (const name of names) {
      changes[id].properties[name] = 'WILL_UPDATE';
    }
  }
  return Object.values(changes);
}

const template = (file) => JSON.parse(readFileSync(file, 'utf8'));
const updates = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(updates.map(({ from, to }) => changesOf(template(from), template(to)))));
