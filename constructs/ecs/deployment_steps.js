// Runs a task once for each ECS deployment, and tells ECS whether it succeeded. ECS calls this function again until it answers
// SUCCEEDED or FAILED, and gives it back the hookDetails of its last answer:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
const { createHash } = require('node:crypto');
const { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand } = require('@aws-sdk/client-ecs');

const ecs = new ECSClient({});

exports.handler = async (event) => {
  const given = event.hookDetails;
  const details = typeof given === 'string' ? JSON.parse(given) : given;
  const { container, timeoutMinutes, runTask } = JSON.parse(process.env[details.step]);
  const log = (message, more) => console.log(JSON.stringify({ message, step: details.step, deployment: event.resourceArn, ...more }));
  try {
    const taskArn = details.taskArn ?? await start();
    if (!taskArn) return { hookStatus: 'FAILED' };
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: runTask.cluster, tasks: [taskArn] }));
    return { ...await judge(tasks[0]), hookDetails: { ...details, taskArn } };
  } catch (error) {
    // The SDK gives $metadata to its errors, and $fault to those that ECS answered, unlike those of the network.
    const isPassing = error.$fault ? error.$fault === 'server' : error.$metadata;
    if (!isPassing && !error.$retryable && error.name !== 'ThrottlingException') throw error; // ECS rolls back
    log('ECS did not answer; the next call tries again', { error: String(error) });
    return { hookStatus: 'IN_PROGRESS', hookDetails: details };
  }

  // The same deployment gives the same token, with which ECS starts no second task but names the first one again.
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
  async function start() {
    const key = [details.step, event.resourceArn, event.executionDetails?.targetServiceRevisionArn].join(' ');
    const { tasks = [], failures = [] } = await ecs.send(new RunTaskCommand({
      ...runTask, taskDefinition: details.taskDefinition, startedBy: event.resourceArn.split('/').pop(),
      clientToken: createHash('sha256').update(key).digest('hex'),
    }));
    log(tasks.length > 0 ? 'The task starts' : 'The task does not start', { task: tasks[0]?.taskArn, failures });
    return tasks[0]?.taskArn;
  }

  async function judge(task) {
    if (task?.lastStatus === 'STOPPED') {
      const { exitCode, reason } = task.containers?.find(({ name }) => name === container) ?? {};
      const succeeded = exitCode === 0;
      log(succeeded ? 'The task succeeded' : 'The task failed', { task: task.taskArn, exitCode, reason, stoppedReason: task.stoppedReason });
      return { hookStatus: succeeded ? 'SUCCEEDED' : 'FAILED' };
    }
    if (task && Date.now() - new Date(task.createdAt) > timeoutMinutes * 60_000) {
      log('The task takes too long', { task: task.taskArn, timeoutMinutes });
      await ecs.send(new StopTaskCommand({ cluster: runTask.cluster, task: task.taskArn, reason: `It took more than ${timeoutMinutes} minutes` }));
      return { hookStatus: 'FAILED' };
    }
    return { hookStatus: 'IN_PROGRESS', callBackDelay: 15 }; // a task that was just started is not always found
  }
};
