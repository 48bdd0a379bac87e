// How far the vertices of GLB files are in three.js from where they belong, and what Khronos' validator says.
//   node glb_in_three.mjs FOLDER        as write_skinned_bodies.py leaves it
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
const require = createRequire(path.join(process.cwd(), "package.json"));
const three = await import(require.resolve("three").replace("three.cjs", "three.module.js"));
const { GLTFLoader } = await import(path.join(process.cwd(), "node_modules/three/examples/jsm/loaders/GLTFLoader.js"));
const validator = require("gltf-validator");
globalThis.self = globalThis;
const folder = process.argv[2];
let failed = false;
for (const kind of ["skinned", "plain"]) {
  let worst = 0, issues = 0;
  const files = fs.readdirSync(path.join(folder, kind)).filter((name) => name.endsWith(".glb"));
  for (const name of files) {
    const bytes = fs.readFileSync(path.join(folder, kind, name));
    const report = await validator.validateBytes(new Uint8Array(bytes));
    issues += report.issues.messages.length;
    for (const message of report.issues.messages) console.log(name, JSON.stringify(message));
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const gltf = await new Promise((resolve, reject) => new GLTFLoader().parse(buffer, "", resolve, reject));
    gltf.scene.updateMatrixWorld(true);
    const wanted = JSON.parse(fs.readFileSync(path.join(folder, name.replace(".glb", ".json"))));
    gltf.scene.traverse((object) => {
      if (!object.isMesh) return;
      if (object.isSkinnedMesh) object.skeleton.update();
      const point = new three.Vector3();
      for (let i = 0; i < wanted.length; i++) {
        object.getVertexPosition(i, point).applyMatrix4(object.matrixWorld);
        worst = Math.max(worst, Math.hypot(point.x - wanted[i][0], point.y - wanted[i][1], point.z - wanted[i][2]));
      }
    });
  }
  console.log(`three.js r${three.REVISION}, ${kind}: ${files.length} files, ${(1e3 * worst).toFixed(4)} mm; gltf-validator ${validator.version()}: ${issues} messages`);
  failed ||= worst > 1e-4 || issues > 0 || files.length === 0;
}
process.exit(failed ? 1 : 0);
