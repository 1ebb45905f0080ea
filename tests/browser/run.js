// Runs the jobs of jobs.json, one TFLite file each, and posts what came of each to /answers.
import {loadAndCompile, loadLiteRt, Tensor, unloadLiteRt} from '@litertjs/core';

const ARRAYS = {float32: Float32Array, int32: Int32Array, uint8: Uint8Array};

// LiteRT says on the console why it refuses a file; what it throws alone often does not tell.
const said = [];
for (const level of ['log', 'warn', 'error']) {
  const original = console[level].bind(console);
  console[level] = (...words) => {
    const line = words.join(' ');
    if (!line.startsWith('INFO:')) {
      said.push(line);
    }
    original(...words);
  };
}

function toTensors(sample, details) {
  return Object.fromEntries(details.map(({name, dtype}) => {
    const {shape, values} = sample[name];
    return [name, new Tensor(new ARRAYS[dtype](values), shape)];
  }));
}

function removeAll(tensors) {
  Object.values(tensors).forEach((tensor) => tensor.delete());
}

async function toArrays(tensors) {
  const arrays = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const shape = Array.from(tensor.type.layout.dimensions);
    arrays[name] = {shape, values: Array.from(await tensor.data())};
  }
  return arrays;
}

async function outputsOf(runner, sample) {
  const inputs = toTensors(sample, runner.getInputDetails());
  const outputs = await runner.run(inputs);
  const arrays = await toArrays(outputs);
  removeAll(inputs);
  removeAll(outputs);
  return arrays;
}

async function millisecondsOf(runner, sample, runs) {
  const inputs = toTensors(sample, runner.getInputDetails());
  const milliseconds = [];
  for (let run = -runs; run < runs; run++) { // the first half is for the browser to compile
    const start = performance.now();
    removeAll(await runner.run(inputs));
    if (run >= 0) {
      milliseconds.push(performance.now() - start);
    }
  }
  removeAll(inputs);
  return milliseconds;
}

async function answer(job) {
  const model = await loadAndCompile(`/${job.file}`, {accelerator: 'wasm'});
  try {
    const runner = job.signature ? model.signatures[job.signature] : model;
    if (!runner) {
      throw new Error(`no signature ${job.signature}; there are ${Object.keys(model.signatures)}`);
    }
    const outputs = [];
    for (const sample of job.samples) {
      outputs.push(await outputsOf(runner, sample));
    }
    const milliseconds = await millisecondsOf(runner, job.samples[0], job.runs);
    return {signatures: Object.keys(model.signatures), outputs, milliseconds};
  } finally {
    model.delete();
  }
}

function post(content) {
  return fetch('/answers', {method: 'POST', body: JSON.stringify(content)});
}

async function main() {
  const jobs = await (await fetch('/jobs.json')).json();
  let loaded = false;
  for (const job of jobs) {
    try {
      if (!loaded) {
        await loadLiteRt('/node_modules/@litertjs/core/wasm/');
        loaded = true;
      }
      said.length = 0;
      const content = await answer(job);
      // With an operator that it lacks LiteRT.js throws nothing and gives what was in the memory.
      if (said.some((line) => line.startsWith('ERROR:'))) {
        throw new Error('It gave numbers all the same, which mean nothing.');
      }
      await post({name: job.name, ...content});
    } catch (error) {
      await post({name: job.name, error: [...said, `${error.message ?? error}`].join('\n')});
      // A file that made LiteRT stop must not spoil the next one.
      unloadLiteRt();
      loaded = false;
    }
  }
}

main().catch((error) => post({error: `${error.stack ?? error}`}));
