// Runs pytest on the CPython 3.14 of the npm package `pyodide`; `py314.py` prepares and starts it.
//
//   node py314.mjs <checkout> <installation> [pytest arguments]
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [checkout, installation, ...pytestArguments] = process.argv.slice(2);
const entry = join(installation, "node_modules", "pyodide", "pyodide.mjs");
const { loadPyodide } = await import(pathToFileURL(entry));

const python = await loadPyodide({
  env: {
    HOME: "/home/pyodide",
    // Neither Python nor Hypothesis leaves anything behind in the checkout.
    HYPOTHESIS_STORAGE_DIRECTORY: "/home/pyodide/hypothesis",
    PYTHONDONTWRITEBYTECODE: "1",
  },
});
python.mountNodeFS("/checkout", checkout);
python.mountNodeFS("/packages", join(installation, "packages"));
// `bytefig` is a namespace of two folders of the checkout.
for (const half of ["configs", "tracer"]) {
  python.mountNodeFS(`/namespace/bytefig/${half}`, join(checkout, half));
}

try {
  python.runPython(`import sys; sys.path.insert(0, "/checkout/tests")`);
  const inside = python.pyimport("py314_inside");
  process.exit(inside.main(python.toPy(pytestArguments)));
} catch (error) {
  // The message alone: with its source line, which is all of the interpreter, it is megabytes.
  console.error(`test-py314: ${error.message}`);
  process.exit(3);
}
