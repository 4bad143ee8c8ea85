import fs from "node:fs";
import path from "node:path";

// Finds what an import names; apps have no node_modules of their own.
export const namesPlugin = (names) => ({
	name: "names",
	setup(build) {
		build.onResolve({ filter: /^\/assets\// }, ({ path: url }) => ({ path: url, external: true }));
		build.onResolve({ filter: /^[^./]/ }, (args) => {
			if (args.pluginData === "seen" || args.kind === "entry-point") return;
			if (names.bundles[args.path]) return { path: names.bundles[args.path] };
			if (args.path === "vue") return { path: path.join(names.modules, "vue/dist/vue.esm-bundler.js") };
			const inApp = names.inApp(args.path);
			if (inApp) return { path: inApp };
			const resolveDir = args.resolveDir.includes("node_modules") ? args.resolveDir : path.dirname(names.modules);
			return build.resolve(names.npmName(args.path), { kind: args.kind, pluginData: "seen", resolveDir });
		});
	},
});

export const scssPlugin = (scss) => ({
	name: "scss",
	setup(build) {
		build.onLoad({ filter: /\.scss$/ }, ({ path: file }) => ({
			loader: "css",
			contents: scss.compile(fs.readFileSync(file, "utf8"), file),
		}));
	},
});

// A .html file becomes an entry of <engine>.templates.
export const htmlPlugin = ({ engine }) => ({
	name: "html",
	setup(build) {
		build.onLoad({ filter: /\.html$/ }, ({ path: file }) => {
			const source = fs.readFileSync(file, "utf8");
			const text = source.replace(/<!--[\s\S]*?-->/g, "").replace(/\s+/g, " ").replaceAll("'", "&#39;");
			const name = JSON.stringify(path.basename(file, ".html"));
			const contents = `(${engine}.templates ??= {})[${name}] = ${JSON.stringify(text)};`;
			return { loader: "js", contents };
		});
	},
});
