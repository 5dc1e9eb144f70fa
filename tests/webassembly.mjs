// Runs a Python function on the CPython of the npm package `pyodide`; started by `webassembly.py`.
//
//   node webassembly.mjs <installation> <mounts> <module> [argument ...]
//
// The mounts are a JSON object: folders of this machine by their place inside, where the module's
// `main` is called with the list of arguments. Its result is the exit code.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";

// The stack of a thread is as large as it is asked to be; that of the process may not be, and is
// 8 MB at best. CPython measures another stack, in WebAssembly's memory, of 5 MB: only if there is
// enough of node's does deep recursion in C end before node does. Freeing a chain of 100,000 nodes
// takes more than 64 MB.
const STACK_MB = 256;
const FATAL = 3;

function startWorker() {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    argv: process.argv.slice(2),
    resourceLimits: { stackSizeMb: STACK_MB },
  });
  worker.on("exit", (code) => {
    process.exitCode = code;
  });
}

async function runPython([installation, mounts, module, ...argumentsInside]) {
  // Pyodide writes to file descriptors, which the streams of a thread do not name.
  for (const [fd, name] of ["stdin", "stdout", "stderr"].entries()) {
    Object.defineProperty(process[name], "fd", { value: fd });
  }
  const entry = join(installation, "node_modules", "pyodide", "pyodide.mjs");
  const { loadPyodide } = await import(pathToFileURL(entry));
  const python = await loadPyodide({
    env: {
      BYTEFIG_PROGRAMS: process.env.BYTEFIG_PROGRAMS ?? "300",
      BYTEFIG_TIER: process.env.BYTEFIG_TIER ?? "",
      HOME: "/home/pyodide",
      // Neither Python nor Hypothesis leaves anything behind in the checkout.
      HYPOTHESIS_STORAGE_DIRECTORY: "/home/pyodide/hypothesis",
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONHASHSEED: process.env.PYTHONHASHSEED ?? "random",
    },
  });
  for (const [inside, folder] of Object.entries(JSON.parse(mounts))) {
    python.mountNodeFS(inside, folder);
  }
  try {
    python.runPython(`import sys; sys.path[:0] = ["/checkout/tests", "/namespace", "/packages"]`);
    return python.pyimport(module).main(python.toPy(argumentsInside));
  } catch (error) {
    // The message alone: with its source line, which is all of the interpreter, it is megabytes.
    console.error(`CPython as WebAssembly: ${error.message}`);
    return FATAL;
  }
}

if (isMainThread) {
  startWorker();
} else {
  process.exit(await runPython(process.argv.slice(2)));
}
