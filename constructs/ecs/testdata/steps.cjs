// Calls the function of deployment_steps.js as ECS does, on a fake of ECS: node steps.cjs < scenario, a JSON object as TestDeploymentSteps
// makes it. It prints the answers, and what ECS was asked.
const Module = require('node:module');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const scenario = JSON.parse(readFileSync(0, 'utf8'));
const asked = [];
const tasks = {}; // by token, as ECS remembers requests
let now = 0; // minutes

class Command { constructor(input) { this.input = input; } }
class RunTaskCommand extends Command {}
class DescribeTasksCommand extends Command {}
class StopTaskCommand extends Command {}

class ECSClient {
  async send({ constructor, input }) {
    const name = constructor.name.replace('Command', '');
    asked.push({ name, ...input });
    const error = scenario.errors?.[name]?.shift();
    if (error) throw Object.assign(new Error(error.name), error);
    switch (name) {
      case 'RunTask':
        if (scenario.failures) return { tasks: [], failures: scenario.failures };
        tasks[input.clientToken] ??= { taskArn: `task/${Object.keys(tasks).length + 1}`, createdAt: new Date(now * 60_000) };
        return { tasks: [{ ...tasks[input.clientToken], lastStatus: 'PROVISIONING' }], failures: [] };
      case 'DescribeTasks': {
        const task = Object.values(tasks).find(({ taskArn }) => taskArn === input.tasks[0]);
        if (!task || now < (scenario.foundAt ?? 0)) return { tasks: [], failures: [{ arn: input.tasks[0], reason: 'MISSING' }] };
        const stopped = scenario.stopsAt !== undefined && now >= scenario.stopsAt;
        return { tasks: [stopped ? { ...task, lastStatus: 'STOPPED', ...scenario.stopped } : { ...task, lastStatus: 'RUNNING' }] };
      }
      default:
        return {};
    }
  }
}

const load = Module._load;
Module._load = (request, ...rest) => (request === '@aws-sdk/client-ecs'
  ? { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand } : load(request, ...rest));
Date.now = () => now * 60_000;
const log = [];
console.log = (line) => log.push(JSON.parse(line));
Object.assign(process.env, scenario.environment);
const { handler } = require(join(__dirname, '..', 'deployment_steps.js'));

async function main() {
  const answers = [];
  let details = scenario.hookDetails;
  for (const call of scenario.calls) {
    now = call.at;
    if (call.forgets) details = scenario.hookDetails; // what the last answer said is lost
    try {
      const answer = await handler({
        executionId: `execution-${now}`, lifecycleStage: 'PRE_SCALE_UP', hookDetails: details,
        resourceArn: call.deployment ?? 'arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/web/Deployment1',
        executionDetails: { targetServiceRevisionArn: 'arn:aws:ecs:eu-west-1:111122223333:service-revision/shop/web/1' },
      });
      details = answer.hookDetails ?? details;
      answers.push(answer.hookStatus);
    } catch (error) {
      answers.push(error.name);
    }
  }
  process.stdout.write(JSON.stringify({ answers, asked, log }));
}

main();
