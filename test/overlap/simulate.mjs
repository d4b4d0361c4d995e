// Runs the state machine of PreventOverlap in a world that is simulated: a clock, ECS and Step Functions whose lists are late, calls that
// take time and fail, room that comes and goes. Its expressions are evaluated by the reference engine of JSONata.
//
// It reads {definition, scenario, seeds} from the standard input, and prints what has happened over all seeds:
//   overlaps   how many tasks began while another one ran
//   started, skipped, failed   how many executions ended so
//   events     the longest history of an execution
//   problems   what asl-validator says of the definition
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import aslValidator from 'asl-validator';
import jsonata from 'jsonata';

const { definition, scenario, seeds } = JSON.parse(readFileSync(0, 'utf8'));
const expressions = new Map();

// A generator of random numbers that gives the same ones for the same seed (mulberry32).
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const iso = (time) => new Date(Date.UTC(2027, 0, 1) + time).toISOString();

class World {
  constructor(seed) {
    this.random = random(seed);
    this.time = 0;
    this.queue = [];
    this.tasks = [];
    this.executions = [];
    this.tokens = new Map();
    this.counts = { overlaps: 0, started: 0, skipped: 0, failed: 0, events: 0 };
  }

  between([low, high]) {
    return low + this.random() * (high - low);
  }

  at(time, action) {
    this.queue.push({ time, action });
  }

  async run() {
    while (this.queue.length > 0) {
      let next = 0;
      for (let i = 1; i < this.queue.length; i++) {
        if (this.queue[i].time < this.queue[next].time) next = i;
      }
      const [{ time, action }] = this.queue.splice(next, 1);
      this.time = time;
      await action();
    }
  }

  hasRoom() {
    return scenario.room.some(([from, to]) => from <= this.time && this.time < to);
  }

  // What is listed: late to come, late to go.
  listed(all) {
    return all.filter((x) => x.listedAt <= this.time && this.time < (x.end ?? Infinity) + x.leavesAfter);
  }

  listTasks() {
    return { TaskArns: this.listed(this.tasks).map((t) => t.arn) };
  }

  listExecutions() {
    const running = this.listed(this.executions).sort((a, b) => b.start - a.start);
    return { Executions: running.map((e) => ({ ExecutionArn: e.arn, StartDate: iso(e.start), Status: 'RUNNING' })) };
  }

  runTask({ ClientToken: token }) {
    if (this.tokens.has(token)) return { Failures: [], Tasks: [{ TaskArn: this.tokens.get(token) }] };
    if (!this.hasRoom()) return { Failures: [{ Reason: 'RESOURCE:CPU' }], Tasks: [] };
    if (this.tasks.some((t) => this.time < t.end)) this.counts.overlaps++;
    const arn = `task-${this.tasks.length}`;
    this.tasks.push({
      arn,
      end: this.time + this.between(scenario.taskDuration),
      listedAt: this.time + this.between(scenario.listDelay),
      leavesAfter: 0, // at once, which hides the least
    });
    this.tokens.set(token, arn);
    return { Failures: [], Tasks: [{ TaskArn: arn }] };
  }

  // Begins an execution.
  start(input) {
    const execution = {
      arn: `execution-${this.executions.length}`,
      start: this.time,
      listedAt: this.time + this.between(scenario.listDelay),
      leavesAfter: this.between(scenario.listDelay),
      variables: {},
      input,
      events: 1,
    };
    this.executions.push(execution);
    return this.enter(execution, definition.StartAt, input);
  }

  async enter(execution, name, input) {
    const state = definition.States[name];
    const leave = async (output, next) => {
      if (state.Assign) Object.assign(execution.variables, await this.evaluate(state.Assign, execution, input));
      await this.enter(execution, next, output);
    };
    execution.events += 2;
    switch (state.Type) {
      case 'Pass':
        return leave(input, state.Next);
      case 'Wait':
        return this.at(this.time + state.Seconds * 1000, () => leave(input, state.Next));
      case 'Choice':
        for (const choice of state.Choices) {
          const holds = await this.evaluate(choice.Condition, execution, input);
          if (typeof holds !== 'boolean') throw new Error(`${name}: a condition gives ${JSON.stringify(holds)}`);
          if (holds) return leave(input, choice.Next);
        }
        return leave(input, state.Default);
      case 'Task':
        return this.call(execution, state, await this.evaluate(state.Arguments, execution, input), leave, 0);
      case 'Fail':
        await this.evaluate(state.Cause, execution, input);
        return this.finish(execution, 'failed');
      case 'Succeed':
        return this.finish(execution, name.toLowerCase());
      default:
        throw new Error(`unknown type of state ${state.Type}`);
    }
  }

  // Calls a service, which does what it does in the middle of the call.
  call(execution, state, args, leave, attempt) {
    const took = this.between(scenario.latency);
    const fails = this.random() < scenario.errorRate;
    const action = state.Resource.split(':').pop();
    execution.events += 3;
    this.at(this.time + took / 2, () => {
      const result = fails ? undefined : this[action](args);
      this.at(this.time + took / 2, () => {
        if (!fails) return leave(result, state.Next);
        const retry = state.Retry[0];
        if (attempt >= retry.MaxAttempts) return this.finish(execution, 'failed');
        const pause = retry.IntervalSeconds * 1000 * retry.BackoffRate ** attempt * this.random();
        this.at(this.time + pause, () => this.call(execution, state, args, leave, attempt + 1));
      });
    });
  }

  finish(execution, how) {
    execution.end = this.time;
    this.counts[how]++;
    this.counts.events = Math.max(this.counts.events, execution.events);
  }

  async evaluate(value, execution, input) {
    if (Array.isArray(value)) return Promise.all(value.map((v) => this.evaluate(v, execution, input)));
    if (value !== null && typeof value === 'object') {
      const entries = await Promise.all(Object.entries(value).map(async ([k, v]) => [k, await this.evaluate(v, execution, input)]));
      return Object.fromEntries(entries);
    }
    const text = typeof value === 'string' && /^\{%(.*)%\}$/s.exec(value)?.[1];
    if (!text) return value;
    if (!expressions.has(text)) expressions.set(text, jsonata(text));
    return expressions.get(text).evaluate(undefined, {
      ...execution.variables,
      now: () => iso(this.time),
      hash: (data) => createHash('sha256').update(data).digest('hex'), // of Step Functions
      states: {
        input,
        context: {
          Execution: { Id: execution.arn, Input: execution.input, StartTime: iso(execution.start) },
          StateMachine: { Id: 'arn:aws:states:eu-west-1:111122223333:stateMachine:guard' },
        },
      },
    });
  }
}

const all = { overlaps: 0, started: 0, skipped: 0, failed: 0, events: 0 };
for (let seed = 1; seed <= seeds; seed++) {
  const world = new World(seed);
  for (let i = 0; i < scenario.starts; i++) {
    const due = i * scenario.every;
    // Each start comes a bit late, and now and then twice.
    for (let copies = world.random() < scenario.twice ? 2 : 1; copies > 0; copies--) {
      world.at(due + world.between(scenario.late), () => world.start({ scheduledTime: iso(due), overrides: {} }));
    }
  }
  await world.run();
  for (const key of ['overlaps', 'started', 'skipped', 'failed']) all[key] += world.counts[key];
  all.events = Math.max(all.events, world.counts.events);
}
const { isValid, errorsText } = aslValidator(definition);
all.problems = isValid ? '' : errorsText('\n');
console.log(JSON.stringify(all));
