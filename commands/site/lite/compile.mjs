// node compile.mjs PYODIDE IN OUT: the modules of each wheel in IN compiled by that Pyodide's own Python, into OUT.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, before, after] = process.argv.slice(2).map((folder) => path.resolve(folder));
const { loadPyodide } = await import(pathToFileURL(path.join(pyodide, "pyodide.mjs")));
const { info } = JSON.parse(fs.readFileSync(path.join(pyodide, "pyodide-lock.json")));
const python = await loadPyodide({
  indexURL: pyodide + path.sep,
  lockFileContents: JSON.stringify({ info, packages: {} }),
});
for (const [inside, root] of [["/in", before], ["/out", after]]) {
  python.FS.mkdirTree(inside);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, inside);
}
python.runPython(fs.readFileSync(new URL("compile_modules.py", import.meta.url), "utf-8"));
