// What a name in an import means: a file of an app, a bundle, or a package.
import fs from "node:fs";
import path from "node:path";

const BUNDLE = /\.bundle\.(js|ts|scss|css)$/;

export class Names {
	constructor({ modules, engine, app }) {
		this.modules = path.resolve(modules);
		this.engine = path.basename(engine); // the Python package's name
		this.apps = Object.fromEntries([[this.engine, engine], ...app.map((pair) => pair.split("="))]);
		this.bundles = Object.fromEntries(
			Object.keys(this.apps).flatMap((name) => this.bundlesOf(name).map(({ kind, base, file }) => [`${base}.${kind}`, file])),
		);
	}

	bundlesOf(app) {
		const folder = path.join(this.apps[app], "public");
		if (!fs.existsSync(folder)) return [];
		return fs
			.readdirSync(folder, { recursive: true })
			.filter((file) => BUNDLE.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
			.map((file) => ({
				kind: /\.s?css$/.test(file) ? "css" : "js",
				base: path.basename(file).replace(/\.\w+$/, ""),
				file: path.join(folder, file),
			}));
	}

	// "<app>/public/x" -> path, or undefined. Apps written for Frappe call the engine "frappe".
	inApp(name) {
		const [head, ...rest] = name.split("/");
		const folder = this.apps[head === "frappe" ? this.engine : head];
		return folder && rest.length ? path.join(folder, ...rest) : undefined;
	}

	// The engine's rename also hit the names of npm packages.
	npmName(name) {
		return name.replaceAll(new RegExp(`${this.engine}-(charts|datatable|gantt)`, "g"), "frappe-$1");
	}

	inPackage(name) {
		return path.join(this.modules, this.npmName(name));
	}
}
