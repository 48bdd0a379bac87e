// Runs a TensorFlow.js graph on one picture: what the shipped networks are compared with.
//
//     node run_in_node.mjs MODEL.json PICTURE.raw DTYPE SIDE OUTPUT.json NAME...
//
// Needs npm packages @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm (4.22.0) where it runs.
// PICTURE.raw: SIDE × SIDE × 3 numbers, 32 bits each, of DTYPE int32 or float32. Writes shape and
// values of each named tensor.

import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'package.json'));
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-wasm');

const [modelPath, picturePath, dtype, side, outputPath, ...names] = process.argv.slice(2);
const model = JSON.parse(readFileSync(modelPath, 'utf8'));
const parts = model.weightsManifest.flatMap((group) => group.paths)
  .map((name) => readFileSync(path.join(path.dirname(modelPath), name)));
const bytes = Buffer.concat(parts);
const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

await tf.setBackend('wasm');
const graph = await tf.loadGraphModel(tf.io.fromMemory({
  modelTopology: model.modelTopology,
  signature: model.signature,
  weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
  weightData,
}));
const raw = readFileSync(picturePath);
const data = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength);
const numbers = dtype === 'int32' ? new Int32Array(data) : new Float32Array(data);
const input = tf.tensor(numbers, [1, Number(side), Number(side), 3], dtype);
const outputs = [await graph.executeAsync(input, names)].flat();
const results = outputs.map((tensor, index) => (
  { name: names[index], shape: tensor.shape, values: Array.from(tensor.dataSync()) }));
writeFileSync(outputPath, JSON.stringify(results));
