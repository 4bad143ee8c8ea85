// Builds the bundles of the engine, or of apps, the way Frappe's own build does: every public/**/*.bundle.*.
//
//   node build.mjs --modules DIR --engine DIR [--app NAME=DIR]... --build NAME [--build NAME]... --out DIR
//
// --app names what bundles may import from; --build names what is built. In DIR there will be a folder for each app
// built, as it is served under /assets/, and map.json: bundle name -> URL.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { Names } from "./lib/names.mjs";
import { htmlPlugin, namesPlugin, scssPlugin } from "./lib/plugins.mjs";
import { Scss } from "./lib/scss.mjs";
import { vuePlugin } from "./lib/vue.mjs";

const { values: options } = parseArgs({
	options: {
		modules: { type: "string" },
		engine: { type: "string" },
		out: { type: "string" },
		app: { type: "string", multiple: true, default: [] },
		build: { type: "string", multiple: true, default: [] },
	},
});
const require = createRequire(path.join(path.resolve(options.modules), "x.js"));
const esbuild = require("esbuild");

const names = new Names(options);
const scss = new Scss(require("sass"), names);
const entries = options.build.flatMap(publish);

const result = await esbuild.build({
	entryPoints: entries,
	outdir: options.out,
	entryNames: "[dir]/[name].[hash]",
	bundle: true,
	format: "iife",
	target: "es2020",
	platform: "browser",
	charset: "utf8",
	metafile: true,
	minify: options.build.includes(names.engine),
	logLevel: "error",
	// client scripts are written for `frappe`, whichever bundle runs first
	banner: { js: `window.${names.engine} ||= {}; window.frappe ||= window.${names.engine};` },
	define: {
		"process.env.NODE_ENV": '"production"',
		global: "window",
		__VUE_OPTIONS_API__: "true",
		__VUE_PROD_DEVTOOLS__: "false",
		__VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
	},
	loader: Object.fromEntries(["png", "svg", "gif", "woff", "woff2", "ttf", "eot"].map((e) => [`.${e}`, "dataurl"])),
	plugins: [namesPlugin(names), scssPlugin(scss), htmlPlugin(names), vuePlugin(require("vue/compiler-sfc"), scss, names)],
});
fs.writeFileSync(path.join(options.out, "map.json"), JSON.stringify(bundleMap(result.metafile), null, 1));

// Links what an app serves as it is, and lists what is to be bundled.
function publish(app) {
	const source = path.join(names.apps[app], "public");
	const target = path.join(options.out, app);
	fs.mkdirSync(target, { recursive: true });
	if (!fs.existsSync(source)) return [];
	for (const entry of fs.readdirSync(source)) {
		if (entry !== "dist") fs.symlinkSync(path.join(source, entry), path.join(target, entry));
	}
	if (app === names.engine) linkLazyPackages(path.join(target, "node_modules"));
	return names.bundlesOf(app).map(({ kind, base, file }) => ({ in: file, out: `${app}/dist/${kind}/${base}` }));
}

// Packages that Desk fetches when it needs them, instead of bundling them.
function linkLazyPackages(target) {
	const { engine, modules } = names;
	const gantt = path.join(target, `${engine}-gantt`, "dist");
	fs.mkdirSync(gantt, { recursive: true });
	for (const name of ["ace-builds", "html5-qrcode", "js-sha256", "qz-tray"]) {
		fs.symlinkSync(path.join(modules, name), path.join(target, name));
	}
	for (const type of ["css", "min.js"]) {
		fs.symlinkSync(path.join(modules, "frappe-gantt/dist", `frappe-gantt.${type}`), path.join(gantt, `${engine}-gantt.${type}`));
	}
}

function bundleMap(metafile) {
	const map = {};
	for (const [file, output] of Object.entries(metafile.outputs)) {
		if (!output.entryPoint) continue;
		const served = path.relative(path.resolve(options.out), path.resolve(file));
		map[path.basename(served).replace(/\.[A-Z0-9]{8}(\.\w+)$/, "$1")] = `/assets/${served}`;
	}
	return map;
}
